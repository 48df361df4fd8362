// Is the HTML valid: the W3C's checker and html-validate read every page as it came over the wire.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FileSystemConfigLoader, HtmlValidate, esmResolver } from 'html-validate';

const jar = path.join(path.dirname(createRequire(import.meta.url).resolve('vnu-jar/package.json')), 'build/dist/vnu.jar');

const config = {
  extends: ['html-validate:recommended'],
  rules: {
    // Long titles are a matter of taste, and translations are longer than English.
    'long-title': 'off',
    // Templates leave blanks at line ends; they weigh nothing once packed.
    'no-trailing-whitespace': 'off',
    // Both ways to write a boolean or void element are valid.
    'attribute-boolean-style': 'off',
    'void-style': 'off',
    'attr-quotes': 'off',
    'require-sri': 'off',
    // Several fields of one name are how a form sends a list, hidden ones too.
    'form-dup-name': 'off',
    // A button of a form submits it unless it says otherwise; saying so sixty times is a kilobyte.
    'no-implicit-button-type': 'off',
  },
};

// validity answers the findings of every page: pages is a list of {label, html}.
export async function validity(pages, found) {
  const own = new HtmlValidate(new FileSystemConfigLoader([esmResolver()], { root: true, ...config }));
  const dir = await mkdtemp(path.join(tmpdir(), 'forecourt-html-'));
  await mkdir(dir, { recursive: true });
  for (const [i, p] of pages.entries()) {
    await writeFile(path.join(dir, `${i}.html`), p.html);
    const report = await own.validateString(p.html, `${i}.html`);
    for (const r of report.results) for (const m of r.messages) if (m.severity === 2) found(p, `${m.ruleId} at ${m.line}:${m.column}: ${m.message}`);
  }
  for (const m of await vnu(dir)) found(pages[Number(path.basename(m.url, '.html'))], `vnu at ${m.lastLine}:${m.firstColumn ?? 0}: ${m.message}`);
  await rm(dir, { recursive: true, force: true });
}

function vnu(dir) {
  return new Promise((done, failed) => {
    execFile('java', ['-Xss4m', '-jar', jar, '--format', 'json', '--stdout', '--exit-zero-always', '--skip-non-html', dir], { maxBuffer: 256 << 20 }, (e, out, err) => {
      if (e) return failed(new Error(`the W3C checker does not run: ${e.message} ${err}`));
      done(JSON.parse(out).messages.filter((m) => m.type === 'error' || m.type === 'non-document-error'));
    });
  });
}
