// The findings as one table, on the screen and as docs/audit.md.
import { budget } from './weight.mjs';
import { goals } from './lighthouse.mjs';

export const kinds = ['axe', 'scroll', 'cut', 'focus', 'console', 'strangers', 'html', 'weight', 'paint', 'lighthouse', 'reach'];

// Book holds what was looked at, by route, and what was found.
export class Book {
  rows = new Map();
  findings = [];
  row(name) {
    if (!this.rows.has(name)) this.rows.set(name, { pages: 0, browser: 0, raw: 0, counts: {} });
    return this.rows.get(name);
  }
  // The first of a kind is said at once: who stops a long run has seen what it found.
  found(route, kind, where, what) {
    if (!this.findings.some((f) => f.route === route && f.kind === kind)) console.log(`         found: ${kind}  ${route}  ${what}  [${where}]`);
    this.row(route).counts[kind] = (this.row(route).counts[kind] ?? 0) + 1;
    this.findings.push({ route, kind, where, what });
  }
}

const kb = (n) => (n / 1024).toFixed(1);
const columns = ['axe', 'scroll', 'cut', 'focus', 'console', 'strangers', 'html'];

export function table(book, key) {
  const out = [`| page | audited | in the browser | ${columns.join(' | ')} | HTML, KB raw |`, `|---|---|---|${columns.map(() => '---|').join('')}---|`];
  for (const [name, r] of [...book.rows].sort()) {
    if (!r.pages && !r.browser) continue;
    out.push(`| \`${name}\` | ${r.pages} | ${r.browser} | ${columns.map((k) => r.counts[k] ?? 0).join(' | ')} | ${kb(r.raw)} |`);
  }
  if (!key.length) return out.join('\n');
  out.push('', `| first visit (gzip) | HTML ≤ ${kb(budget.html)} KB raw | JS ≤ ${kb(budget.js)} KB | CSS ≤ ${kb(budget.css)} KB | all ≤ ${kb(budget.visit)} KB | requests | LCP ≤ ${budget.lcp} ms | CLS ≤ ${budget.cls} | Lighthouse: ${Object.keys(goals).join(' / ')} |`, '|---|---|---|---|---|---|---|---|---|');
  for (const k of key) {
    const lh = k.lighthouse && Object.keys(goals).map((c) => (c === 'seo' && !k.public ? 'private' : k.lighthouse.median[c])).join(' / ');
    out.push(`| ${k.name} | ${kb(k.html)} | ${kb(k.js)} | ${kb(k.css)} | ${kb(k.visit)} | ${k.requests} | ${k.lcp ?? '-'} | ${k.cls?.toFixed(3) ?? '-'} | ${lh ?? '-'} |`);
  }
  return out.join('\n');
}

export function document(book, key, facts) {
  return `# Audit of all pages

Written by \`make audit\`; do not edit. ${facts}

What each column means: **audited**: pages of this route whose HTML was read, over markets, languages,
models and states; **in the browser**: those opened in Chromium, each at 320, 390 and 1280 px, light and
dark. **axe**: accessibility rules broken (WCAG 2.2 A and AA, best practice; in the dark those on colour). **scroll**: sideways scroll
at these widths, at 200 and 400 %, with wide text spacing, from right to left. **cut**: words a box cuts without a
sign. **focus**: controls whose focus is hidden or unmarked, walked by Tab
on the first page of each kind in each market. **console**: errors and breaches
of the content policy. **strangers**: requests to another server. **html**: errors of the W3C's checker and
of html-validate.

${table(book, key)}
`;
}
