// What a first visit costs: bytes as a server sends them with gzip, and when the largest piece stands there
// on a slow phone (slow 4G: 150 ms, 1.6 Mbit/s; a processor four times slower).
import http from 'node:http';
import { gunzipSync } from 'node:zlib';

export const budget = { html: 60 << 10, js: 10 << 10, css: 14 << 10, visit: 150 << 10, lcp: 1800, cls: .02 };

function packed(url, cookie) {
  return new Promise((done, failed) => {
    http.get(url, { headers: { 'Accept-Encoding': 'gzip', ...(cookie && { Cookie: cookie }) } }, (r) => {
      const parts = [];
      r.on('data', (b) => parts.push(b)).on('end', () => {
        const body = Buffer.concat(parts);
        done({ bytes: body.length, raw: r.headers['content-encoding'] === 'gzip' ? gunzipSync(body).length : body.length, type: r.headers['content-type'] ?? '' });
      });
    }).on('error', failed);
  });
}

// weigh adds up what a browser with an empty cache asks for.
export async function weigh(browser, url, state) {
  const context = await browser.newContext({ storageState: state, viewport: { width: 390, height: 844 }, isMobile: true, deviceScaleFactor: 2 });
  const page = await context.newPage();
  const asked = new Set();
  page.on('request', (r) => r.url().startsWith('http') && asked.add(r.url()));
  await page.goto(url, { waitUntil: 'load' });
  const cookie = (await context.cookies(url)).map((c) => `${c.name}=${c.value}`).join('; ');
  await context.close();
  const out = { html: 0, js: 0, css: 0, visit: 0, requests: asked.size };
  for (const u of asked) {
    const { bytes, raw, type } = await packed(u, cookie);
    out.visit += bytes;
    if (type.startsWith('text/html')) out.html = Math.max(out.html, raw);
    if (type.includes('javascript')) out.js += bytes;
    if (type.startsWith('text/css')) out.css += bytes;
  }
  return out;
}

const measure = () => {
  window.auditPaint = { lcp: 0, cls: 0 };
  new PerformanceObserver((l) => { for (const e of l.getEntries()) window.auditPaint.lcp = e.startTime; }).observe({ type: 'largest-contentful-paint', buffered: true });
  new PerformanceObserver((l) => { for (const e of l.getEntries()) if (!e.hadRecentInput) window.auditPaint.cls += e.value; }).observe({ type: 'layout-shift', buffered: true });
};

// paint gives the median of three first visits.
export async function paint(browser, url, state) {
  const runs = [];
  for (let i = 0; i < 3; i++) {
    const context = await browser.newContext({ storageState: state, viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true });
    const page = await context.newPage();
    const cdp = await context.newCDPSession(page);
    await cdp.send('Network.enable');
    await cdp.send('Network.emulateNetworkConditions', { offline: false, latency: 150, downloadThroughput: 1638.4 * 1024 / 8, uploadThroughput: 675 * 1024 / 8 });
    await cdp.send('Emulation.setCPUThrottlingRate', { rate: 4 });
    await page.addInitScript(measure);
    await page.goto(url, { waitUntil: 'load' });
    await page.waitForTimeout(400);
    runs.push(await page.evaluate(() => window.auditPaint));
    await context.close();
  }
  const middle = (key) => runs.map((r) => r[key]).sort((a, b) => a - b)[1];
  return { lcp: Math.round(middle('lcp')), cls: middle('cls') };
}
