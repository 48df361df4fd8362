// A real browser looks at one page: accessibility rules in every width and colour scheme, sideways scroll,
// cut words, a focus that can be seen, quiet console, no stranger's server.
import axe from 'axe-core';
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

export function chromiumPath() {
  const named = process.env.CHROMIUM && [process.env.CHROMIUM];
  const found = (named ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']).find((p) => existsSync(p));
  if (!found) throw new Error('no Chromium found: install the package chromium, or set CHROMIUM to its path');
  return found;
}

export const launch = (more = []) => chromium.launch({ executablePath: chromiumPath(), args: [...flags, ...more] });

const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
export const widths = [[320, 640], [390, 844], [1280, 900]];

// Text spacing as a reader may set it (WCAG 1.4.12). An adopted style sheet is no inline style, so the
// page's own policy stays in force.
const spacing = '*{letter-spacing:.12em!important;word-spacing:.16em!important;line-height:1.5!important}p{margin-block-end:2em!important}';

const sideways = () => document.documentElement.scrollWidth - document.documentElement.clientWidth;

// Words that a box cuts without a sign. What is only for screen readers is cut on purpose.
const cut = () => [...document.querySelectorAll('body *')].filter((e) => {
  const s = getComputedStyle(e);
  if (!/(hidden|clip)/.test(s.overflowX) || s.textOverflow === 'ellipsis' || e.closest('svg, .vh, .skip')) return false;
  const box = e.getBoundingClientRect();
  return box.width > 2 && e.scrollWidth > e.clientWidth + 1 && e.innerText?.trim();
}).map((e) => `${e.tagName.toLowerCase()}.${e.className} "${e.innerText.trim().slice(0, 30)}"`);

// Where the focus is, and whether any of it can be seen: something else on top of all its corners hides it.
const focused = () => {
  const e = document.activeElement;
  if (!e || e === document.body) return null;
  const label = `${e.tagName.toLowerCase()} "${(e.innerText || e.value || e.getAttribute('aria-label') || e.id || '').trim().slice(0, 30)}"`;
  // A link that wraps has a box for each line.
  // Of what is taller than the screen, the part on the screen counts.
  const part = (b) => { const left = Math.max(0, b.left), top = Math.max(0, b.top); return { left, top, width: Math.min(innerWidth, b.right) - left, height: Math.min(innerHeight, b.bottom) - top }; };
  const points = [...e.getClientRects()].map(part).flatMap((b) => [[.5, .5], [.1, .2], [.9, .2], [.1, .8], [.9, .8]].map(([x, y]) => [b.left + b.width * x, b.top + b.height * y]));
  const owner = e.labels?.[0];
  const seen = points.some(([x, y]) => {
    const top = document.elementFromPoint(x, y);
    return top && (e.contains(top) || top.contains(e) && top !== document.body || owner?.contains(top));
  });
  // A card's link may draw its ring on the card; a hidden radio on its label.
  const bearers = [e, owner, e.closest('.card'), e.closest('label')].filter(Boolean);
  const ring = bearers.flatMap((x) => [getComputedStyle(x), getComputedStyle(x, '::after')]).some((x) => x.outlineStyle !== 'none' && parseFloat(x.outlineWidth) > 0);
  e.dataset.auditSeen = (Number(e.dataset.auditSeen) || 0) + 1;
  return { label, seen, ring, again: Number(e.dataset.auditSeen) > 1 };
};

async function tabs(page, width, found) {
  await page.evaluate(() => { scrollTo(0, 0); document.activeElement?.blur(); document.querySelectorAll('[data-audit-seen]').forEach((e) => delete e.dataset.auditSeen); });
  for (let i = 0; i < 150; i++) {
    await page.keyboard.press('Tab');
    let f = await page.evaluate(focused);
    if (!f || f.again) break;
    if (!f.seen) { // a list that scrolls to its focus needs a moment
      await page.waitForTimeout(150);
      f = await page.evaluate(focused);
    }
    if (!f.seen) found('focus', `${width} px: the focus on ${f.label} is hidden`);
    if (!f.ring) found('focus', `${width} px: no ring on ${f.label}`);
  }
}

// watch collects what the page does behind its reader's back.
export function watch(page, origin, found) {
  // A provider of sign-ins that is not there is its own affair; what a page of ours asks of strangers is found below.
  const theirs = (m) => /Failed to load resource/.test(m.text()) && URL.canParse(m.location().url) && !origin.includes(new URL(m.location().url).origin);
  page.on('console', (m) => { if (m.type() === 'error' && !/status of (4\d\d|50\d)/.test(m.text()) && !theirs(m)) found('console', m.text()); });
  page.on('pageerror', (e) => found('console', String(e)));
  page.on('request', (r) => { if (!r.isNavigationRequest() && !origin.includes(new URL(r.url()).origin) && !r.url().startsWith('data:')) found('strangers', r.url()); });
}

// broken runs in the page: the rules that something there breaks.
const broken = async (tags) => {
  const { violations } = await window.axe.run(document, { runOnly: { type: 'tag', values: tags }, rules: { 'color-contrast-enhanced': { enabled: false } }, resultTypes: ['violations'] });
  return violations.map((v) => `${v.id} (${v.nodes.length}): ${v.nodes[0].target.join(' ')}: ${v.help}`);
};

// settled is what is broken twice: on a busy machine a page may be looked at while it still moves into place.
async function settled(page, tags) {
  const first = await page.evaluate(broken, tags);
  if (!first.length) return first;
  await page.evaluate(() => scrollTo(0, 0));
  await page.waitForTimeout(500);
  const second = await page.evaluate(broken, tags);
  return first.filter((v) => second.includes(v));
}

// examine tries one open page; short leaves out what a second width or scheme rarely changes. A sister of a page that was
// looked at before has the same parts with other words: the rules look at its narrowest and widest form, in the light.
export async function examine(page, found, { short = false, sister = false } = {}) {
  await page.evaluate(axe.source);
  for (const [width, height] of widths) {
    await page.setViewportSize({ width, height });
    for (const colorScheme of sister ? (width === 390 ? [] : ['light']) : ['light', 'dark']) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' }); // else colours are caught half way
      // In the dark the same elements stand there in other colours: only the rules on colour can differ.
      for (const v of await settled(page, colorScheme === 'light' ? rules : ['cat.color'])) found('axe', `${width} px ${colorScheme}: ${v}`);
    }
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
    const over = await page.evaluate(sideways);
    if (over > 0) found('scroll', `${width} px: ${over} px too wide`);
    for (const c of await page.evaluate(cut)) found('cut', `${width} px: ${c}`);
    if (width !== 320 && !sister) await tabs(page, width, found);
    await page.evaluate(() => document.activeElement?.blur()); // a skip link that shows itself lies over what the rules measure next
  }
  if (short) return;
  for (const [zoom, width, height] of [[200, 640, 450], [400, 320, 256]]) { // of 1280 px
    await page.setViewportSize({ width, height });
    if (await page.evaluate(sideways) > 0) found('scroll', `${zoom} %: too wide`);
  }
  await page.setViewportSize({ width: 390, height: 844 });
  await page.evaluate((css) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    document.adoptedStyleSheets = [sheet];
  }, spacing);
  if (await page.evaluate(sideways) > 0) found('scroll', '390 px with wide text spacing: too wide');
  for (const c of await page.evaluate(cut)) found('cut', `390 px with wide text spacing: ${c}`);
  await page.evaluate(() => { document.adoptedStyleSheets = []; document.documentElement.dir = 'rtl'; });
  if (await page.evaluate(sideways) > 0) found('scroll', '390 px from right to left: too wide');
  await page.evaluate(() => { document.documentElement.removeAttribute('dir'); });
}
