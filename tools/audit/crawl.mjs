// Finds the pages: everything that a person may reach by links and searches from where they start. A page
// added later is found without anybody listing it; one that nobody reaches is a finding of its own.
import { routeOf } from './routes.mjs';

const unescape = (s) => s.replace(/&amp;/g, '&').replace(/&#34;|&quot;/g, '"').replace(/&#43;/g, '+').replace(/&#39;/g, "'");

// links are the addresses of anchors, of searches as they stand, and of the buttons of forms that only read.
function links(html, at) {
  const out = [];
  for (const [, href] of html.matchAll(/<a\s[^>]*?href="([^"]*)"/g)) out.push(unescape(href));
  for (const [, attributes, inside] of html.matchAll(/<form\s([^>]*)>([\s\S]*?)<\/form>/g)) {
    if (/method="post"/i.test(attributes)) continue;
    const fields = new URLSearchParams();
    for (const [tag] of inside.matchAll(/<input\s[^>]*>/g)) {
      const [name, value, type] = ['name', 'value', 'type'].map((a) => tag.match(new RegExp(`\\s${a}="([^"]*)"`))?.[1]);
      if (name && !/submit|button/.test(type ?? '') && (!/radio|checkbox/.test(type ?? '') || /\schecked/.test(tag))) fields.append(name, unescape(value ?? ''));
    }
    // A search that needs words leads nowhere without them.
    if (/<input\s[^>]*\srequired/.test(inside) && ![...fields.values()].some(Boolean)) continue;
    const action = unescape(attributes.match(/action="([^"]*)"/)?.[1] ?? at).split('#')[0], buttons = presses(inside);
    for (const button of buttons.length ? buttons : [[]]) {
      const sent = new URLSearchParams(fields);
      if (button.length) sent.set(...button);
      out.push(`${action}?${sent}`);
    }
  }
  return out.map((href) => { try { return new URL(href, at); } catch { return null; } }).filter(Boolean);
}

// presses are the names and values that the buttons of a form send.
export function presses(html) {
  return [...html.matchAll(/<button\s([^>]*)>/g)].map(([, tag]) => ['name', 'value'].map((a) => tag.match(new RegExp(`\\b${a}="([^"]*)"`))?.[1])).filter(([name]) => name);
}

// A page in another shape counts as another page: other parameters asked, another market; models and orders
// only up to some samples.
function shape(route, url) {
  const [, brand, market] = url.pathname.split('/');
  const where = route.startsWith('/:brand') || /^\/[a-z]+\/[a-z]{2}(\/|$)/.test(url.pathname) ? `${market}` : '';
  return { where, key: [route, where, [...new Set(url.searchParams.keys())].sort().join('+')].join(' '), brand };
}

// crawl answers {label, url, route, who, where, html, status} for each page; at most perShape of one shape, and one in each
// further market.
// A list with six filters has as many shapes as they have subsets: perRoute of them are enough for one person.
// Visitors and buyers read the same pages: they share what was taken already.
export async function crawl({ starts, allRoutes, origin, cookie, who, taken = new Map(), perShape = 2, perRoute = 12, limit = 1500 }) {
  const queue = starts.map((s) => ({ url: new URL(s, origin), from: 'start' })), met = new Set(), pages = [], broken = [];
  for (let asked = 0; queue.length;) {
    const { url, from } = queue.shift();
    url.hash = '';
    if (url.origin !== origin || met.has(url.href) || /^\/(static|logout)/.test(url.pathname)) continue;
    met.add(url.href);
    const route = routeOf(allRoutes, url.pathname);
    if (!route) continue;
    const { key, where } = shape(route, url);
    if ((taken.get(key) ?? 0) >= (where && where !== 'gb' ? 1 : perShape)) continue; // the other markets differ in words and law
    const whole = `${route} ${where}`;
    if ((taken.get(whole) ?? 0) >= perRoute) continue;
    for (const k of new Set([key, whole])) taken.set(k, (taken.get(k) ?? 0) + 1);
    if (++asked > limit) throw new Error(`${who} found more than ${limit} pages: the rest would go unseen`);
    const answer = await fetch(url, { redirect: 'manual', headers: cookie ? { Cookie: cookie } : {} });
    if (answer.status >= 300 && answer.status < 400) {
      queue.push({ url: new URL(answer.headers.get('location'), url), from: url.pathname });
      continue;
    }
    if (answer.status >= 400) broken.push(`${url.pathname}${url.search} answers ${answer.status}, linked from ${from}`);
    if (!answer.headers.get('content-type')?.startsWith('text/html')) continue;
    const html = await answer.text();
    pages.push({ url: url.href, route, who, where, html, label: `${url.pathname}${url.search}`.slice(0, 90) });
    for (const next of links(html, url.href)) queue.push({ url: next, from: url.pathname });
  }
  return { pages, broken };
}
