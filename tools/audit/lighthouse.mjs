// Lighthouse as its mobile preset does it: simulated slow phone, median of three runs.
import * as launcher from 'chrome-launcher';
import lighthouse from 'lighthouse';
import { chromiumPath } from './browser.mjs';

const categories = ['performance', 'accessibility', 'best-practices', 'seo'];
export const goals = { performance: 95, accessibility: 100, 'best-practices': 100, seo: 100 };

export async function scores(url, cookie) {
  const chrome = await launcher.launch({ chromePath: chromiumPath(), chromeFlags: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'] });
  try {
    const runs = [], missed = new Set();
    for (let i = 0; i < 3; i++) {
      const options = { port: chrome.port, output: 'json', logLevel: 'silent', onlyCategories: categories, ...(cookie && { extraHeaders: { Cookie: cookie } }) };
      const { lhr } = await lighthouse(url, options);
      runs.push(Object.fromEntries(categories.map((c) => [c, Math.round(lhr.categories[c].score * 100)])));
      for (const c of categories) for (const r of lhr.categories[c].auditRefs) {
        const a = lhr.audits[r.id];
        if (c !== 'performance' && r.weight && a.score !== null && a.score < 1) missed.add(`${c}: ${a.title}`);
      }
    }
    const median = Object.fromEntries(categories.map((c) => [c, runs.map((r) => r[c]).sort((a, b) => a - b)[1]]));
    return { median, missed: [...missed] };
  } finally {
    await chrome.kill();
  }
}
