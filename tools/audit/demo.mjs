// The demo in a process of its own, on free ports with a database and data of its own.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '../..');
export const password = 'forecourt-demo';

const freePort = () => new Promise((found, failed) => {
  const s = createServer().on('error', failed).listen(0, '127.0.0.1', () => {
    const { port } = s.address();
    s.close(() => found(port));
  });
});

// start answers once shop, admin and card bank listen; what the demo says meanwhile is shown when it fails.
export async function start() {
  const [shop, admin, bank] = [await freePort(), await freePort(), await freePort()];
  const data = await mkdtemp(path.join(tmpdir(), 'forecourt-audit-'));
  const args = ['demo', '-addr', `127.0.0.1:${shop}`, '-admin-addr', `127.0.0.1:${admin}`, '-cardbank-addr', `127.0.0.1:${bank}`, '-data', data];
  const child = spawn(path.join(root, 'bin/forecourt'), args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  const ended = new Promise((done) => child.on('exit', (code) => done(code)).on('error', (e) => { said += e; done(-1); }));
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (b) => { said = (said + b).slice(-8000); });
  const stop = async () => {
    child.kill('SIGINT');
    const patience = setTimeout(() => child.kill('SIGKILL'), 20000);
    await ended;
    clearTimeout(patience);
    await rm(data, { recursive: true, force: true });
  };
  const world = { shop: `http://localhost:${shop}`, admin: `http://localhost:${admin}`, bank: `http://localhost:${bank}`, stop };
  for (let waited = 0; ; waited += 250) {
    const gone = await Promise.race([ended, new Promise((r) => setTimeout(() => r(undefined), 250))]);
    if (gone !== undefined || waited > 90000) {
      await stop();
      throw new Error(`the demo did not start:\n${said}`);
    }
    if (said.includes('Ctrl-C') && (await fetch(`${world.shop}/readyz`).catch(() => ({}))).ok) return world;
  }
}
