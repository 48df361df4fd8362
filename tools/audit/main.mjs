// make audit: starts the demo, lets its people live a little, finds all pages and looks at each as people
// and tools do. --short looks at four pages only (make test does); --no-lighthouse leaves that out;
// --only PATTERN opens only such routes; --screenshots takes pictures instead.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { examine, launch, watch, widths } from './browser.mjs';
import { crawl } from './crawl.mjs';
import { root, start } from './demo.mjs';
import { validity } from './html.mjs';
import { Book, document, table } from './report.mjs';
import { routeOf, routes } from './routes.mjs';
import { screenshots } from './shots.mjs';
import * as walk from './walk.mjs';
import { budget, paint, weigh } from './weight.mjs';

const has = (flag) => process.argv.includes(flag);
const value = (flag) => process.argv[process.argv.indexOf(flag) + 1];
const short = has('--short');
const only = has('--only') && new RegExp(value('--only'));
const began = Date.now();
const say = (words) => console.log(`${String(Math.round((Date.now() - began) / 1000)).padStart(5)} s  ${words}`);

const demo = await start();
const browser = await launch();
const book = new Book();
const { all: everyRoute, pages: allRoutes } = await routes(demo.admin);
const origins = [demo.shop, demo.bank].map((u) => new URL(u).origin);
const lived = []; // pages looked at on the way: {route, html, label}

const routeName = (url) => (url.startsWith(demo.bank) ? 'card page' : routeOf(everyRoute, new URL(url).pathname) ?? new URL(url).pathname);
const cookieOf = async (context) => (await context.cookies(demo.shop)).map((c) => `${c.name}=${c.value}`).join('; ');

// person opens a tab with its own cookies whose states may be looked at on the way.
async function person(locale) {
  const context = await browser.newContext({ locale, reducedMotion: 'reduce' });
  const page = await context.newPage();
  let reading = Promise.resolve(''); // a page may be loaded before its text has come over
  page.on('response', (r) => {
    if (r.request().isNavigationRequest() && r.frame() === page.mainFrame() && r.status() !== 303) {
      const before = reading;
      reading = r.text().catch(() => before);
    }
  });
  const states = [];
  const seen = (look) => async (name, live) => {
    states.push(page.url());
    if (!live || !look || only && !only.test(name)) return;
    await look(page, name, await reading);
  };
  return { context, page, states, seen };
}

// look is one state of a walk.
async function look(page, name, html) {
  const route = routeName(page.url());
  const row = book.row(route);
  row.browser++;
  row.pages++;
  row.raw = Math.max(row.raw, Buffer.byteLength(html));
  lived.push({ route, label: `${new URL(page.url()).pathname} (${name})`, html });
  await examine(page, (kind, what) => book.found(route, kind, `${name} at ${new URL(page.url()).pathname}`, what), { short });
  await page.setViewportSize({ width: 390, height: 844 });
}

const brands = ['dacia', 'renault'], models = { dacia: 'duster', renault: 'clio' };

// live is one market: a buyer, the dealer that has the order, the office. Only the first market sees every state.
async function live(market, i) {
  const first = i === 0, brand = brands[i % 2];
  const buyer = await person(market.locale);
  watch(buyer.page, origins, (kind, what) => book.found(routeName(buyer.page.url()), kind, buyer.page.url(), what));
  const { order, dealer } = await walk.buy(buyer.page, demo.shop, market, brand, models[brand], buyer.seen(first || short ? !short && look : look));
  const build = await walk.saveBuild(buyer.page, demo.shop, market, brand, models[brand]);
  const number = order && (await orderNumber(buyer.page, order));
  const staff = await person(market.locale);
  watch(staff.page, origins, (kind, what) => book.found(routeName(staff.page.url()), kind, staff.page.url(), what));
  await walk.signIn(staff.page, demo.shop, '/dealer', await walk.dealerLogin(market, dealer));
  if (short) return { buyer, staff, order, build, number };
  const seen = staff.seen(look);
  await seen('queue', true);
  if (first) await walk.change(buyer.page, order, buyer.seen(look));
  if (first) await walk.connect(staff.page, demo.shop, seen);
  await walk.refuse(staff.page, demo.shop, number, seen);
  await walk.accept(staff.page, demo.shop, number);
  if (first) {
    const other = await person(market.locale);
    watch(other.page, origins, (kind, what) => book.found(routeName(other.page.url()), kind, other.page.url(), what));
    await walk.ask(buyer.page, order, staff.page, other.page, demo.shop, number, buyer.seen(look), seen, other.seen(look));
    await other.context.close();
    const harriet = await office(`harriet@${market.code}-office.example.com`);
    watch(harriet.page, origins, (kind, what) => book.found(routeName(harriet.page.url()), kind, harriet.page.url(), what));
    await walk.orderMove(buyer.page, order, harriet.page, demo.shop, number, buyer.seen(look), harriet.seen(look));
    await harriet.context.close();
  }
  await walk.prepare(staff.page, demo.shop, number, seen, !first);
  if (first) await walk.defer(staff.page, demo.shop, number, seen); // its car goes before it is paid
  const code = await walk.book(buyer.page, order, buyer.seen(look));
  await staff.page.goto(`${demo.shop}/dealer/handovers`);
  await seen('handovers', true);
  await staff.page.goto(`${demo.shop}/dealer/find?code=NOBODY1`);
  await seen('find, nothing', true);
  if (first) {
    const second = await person(market.locale);
    const other = await walk.buy(second.page, demo.shop, market, brand, models[brand], second.seen());
    await second.context.close();
    buyer.states.push(other.order);
    const shown = await walk.handOver(staff.page, demo.shop, number, code, seen);
    await buyer.page.goto(order);
    await look(buyer.page, 'order, handed over', await (await fetch(order)).text());
    const stranger = await person(market.locale);
    await walk.collect(buyer.page, stranger.page, demo.shop, order, shown, buyer.seen(look), stranger.seen(look));
    await stranger.context.close();
    await staff.page.goto(`${demo.shop}/dealer?tab=work`);
    await seen('queue, a rest to collect', true);
    await staff.page.goto(`${demo.shop}/dealer/orders/${number}`);
    await walk.settle(staff.page);
    await seen('order, rest collected', true);
    await walk.rate(buyer.page, order, buyer.seen(look));
    await walk.account(staff.page, demo.shop, number, seen);
    await walk.withdraw(buyer.page, order, buyer.seen(look));
    await walk.takeBack(staff.page, demo.shop, number, seen);
  }
  const visitor = await person(market.locale), visited = market.code === 'gb' ? look : undefined;
  watch(visitor.page, origins, (kind, what) => book.found(routeName(visitor.page.url()), kind, visitor.page.url(), what));
  buyer.states.push(...await walk.visit(visitor.page, staff.page, demo.shop, market, brand, dealer, visitor.seen(visited), staff.seen(visited)));
  await visitor.context.close();
  if (['gb', 'it', 'fr'].includes(market.code)) { // where used cars are sold
    const shown = market.code === 'gb' ? look : undefined; // the first of them sees every state
    const second = await person(market.locale), next = await person(market.locale);
    await walk.knownCar(staff.page, demo.shop, staff.seen(shown));
    for (const p of [second, next]) watch(p.page, origins, (kind, what) => book.found(routeName(p.page.url()), kind, p.page.url(), what));
    buyer.states.push(...await walk.buyUsed(second.page, next.page, demo.shop, market, brand, dealer, second.seen(shown), next.seen(shown)));
    await walk.carElsewhere(staff.page, demo.shop, await orderNumber(next.page, buyer.states.at(-1)), staff.seen(shown));
    buyer.states.push(...await walk.saveSearch(second.page, demo.shop, market, brand, demo.admin, second.seen(shown)));
    await second.context.close();
    await next.context.close();
  }
  return { buyer, staff, order, build, number };
}

// twoAtATime keeps the order of its list: there are two cores.
async function twoAtATime(list, work) {
  const queue = list.map((x, i) => [x, i]), out = [];
  await Promise.all([0, 1].map(async () => {
    for (let next; (next = queue.shift());) {
      out[next[1]] = await work(...next);
      say(`${next[0].code}: an order was placed${short ? '' : ', accepted and prepared'}`);
    }
  }));
  return out;
}

async function orderNumber(page, order) {
  await page.goto(order);
  return (await page.locator('body').innerText()).match(/FC-[A-Z0-9-]+/)[0];
}

async function office(login) {
  const p = await person('en-GB');
  await walk.signIn(p.page, demo.shop, '/manager', login);
  return p;
}

// sweep opens crawled pages, two at a time: there are two cores.
async function sweep(pages, states) {
  const queue = [...pages], walked = new Set();
  let done = 0;
  await Promise.all([0, 1].map(async () => {
    const contexts = new Map();
    for (let p; (p = queue.shift());) {
      if (!contexts.has(p.who)) contexts.set(p.who, await browser.newContext({ storageState: states.get(p.who), reducedMotion: 'reduce' }));
      const page = await contexts.get(p.who).newPage();
      watch(page, origins, (kind, what) => book.found(p.route, kind, p.label, what));
      await page.goto(p.url, { waitUntil: 'load' });
      // Tab walks through the first page of a kind and market; its sisters differ in words and pictures.
      const sister = walked.has(p.route + p.where);
      walked.add(p.route + p.where);
      await examine(page, (kind, what) => book.found(p.route, kind, p.label, what), { short, sister });
      await page.close();
      book.row(p.route).browser++;
      if (++done % 20 === 0) say(`${done} of ${pages.length} pages looked at`);
    }
    for (const c of contexts.values()) await c.close();
  }));
}

async function keyPages(list, states) {
  const { goals, scores } = short || has('--no-lighthouse') ? {} : await import('./lighthouse.mjs');
  const out = [];
  for (const k of list) {
    const state = states.get(k.who);
    Object.assign(k, await weigh(browser, k.url, state));
    for (const part of ['html', 'js', 'css', 'visit']) if (k[part] > budget[part]) book.found(k.name, 'weight', k.url, `${part}: ${k[part]} bytes, ${budget[part]} are allowed`);
    if (!short) {
      Object.assign(k, await paint(browser, k.url, state));
      for (const part of ['lcp', 'cls']) if (k[part] > budget[part]) book.found(k.name, 'paint', k.url, `${part} ${k[part]}, ${budget[part]} is allowed`);
    }
    if (scores) {
      k.lighthouse = await scores(k.url, state?.cookies.map((c) => `${c.name}=${c.value}`).join('; '));
      for (const [c, goal] of Object.entries(goals)) if (k.lighthouse.median[c] < goal && (c !== 'seo' || k.public)) book.found(k.name, 'lighthouse', k.url, `${c} ${k.lighthouse.median[c]}; ${k.lighthouse.missed.filter((m) => m.startsWith(c)).join('; ')}`);
    }
    say(`${k.name}: ${Math.round(k.visit / 1024)} KB, LCP ${k.lcp ?? '-'} ms`);
    out.push(k);
  }
  return out;
}

// Portals of further markets, and a group's, are the first dealer's in other words: one page of a shape.
const sisters = { perShape: 1, perRoute: 2 };

async function all() {
  const states = new Map(), crawls = [];
  const list = short ? (await walk.markets()).filter((m) => m.code === 'gb') : (await walk.markets()).sort((a, b) => (b.code === 'gb') - (a.code === 'gb'));
  const homes = await twoAtATime(list, live);
  for (const [i, m] of list.entries()) {
    const home = homes[i];
    for (const [who, p] of [[`buyer ${m.code}`, home.buyer], [`dealer ${m.code}`, home.staff]]) states.set(who, await p.context.storageState());
    if (short) continue;
    // A buyer's pages are open to whoever has the link: a visitor without cookies reads them.
    crawls.push({ who: `buyer ${m.code}`, starts: [...home.buyer.states.filter((u) => u.startsWith(demo.shop) && !u.includes('/change')), home.build, home.order] });
    crawls.push({ who: `dealer ${m.code}`, starts: ['/dealer', `/dealer/orders/${home.number}`, `/dealer/orders/${home.number}/handover`, `/dealer/find?code=${home.number}`], cookie: await cookieOf(home.staff.context), ...(i > 0 && sisters) });
  }
  if (short) {
    await four(homes[0], states);
    return;
  }
  crawls.unshift({ who: 'visitor', starts: ['/', '/login', '/styleguide', '/nowhere', ...list.flatMap((m) => brands.map((b) => `/${b}/${m.code}`)), ...list.flatMap((m) => ['nowhere', 'new', 'offline'].map((p) => `/dacia/${m.code}/${p}`)),
    ...await Promise.all(list.map((m) => walk.everything(demo.shop, 'renault', m.code, 'austral')))] });
  for (const login of ['ines@hq.example.com', 'solene@fr-office.example.com', 'crina@ro-office.example.com']) {
    const p = await office(login);
    const starts = ['/manager'];
    if (login.startsWith('ines')) {
      starts.push(await walk.draft(p.page, demo.shop, 'dacia', 'spring', p.seen(look)));
      starts.push(await walk.reports(p.page, `${demo.shop}/manager/reports`, p.seen(look)));
    }
    if (login.startsWith('crina')) await walk.pause(p.page, demo.shop, 'dacia', 'ro', p.seen(look)); // nobody here bought there
    states.set(login, await p.context.storageState());
    crawls.push({ who: login, starts, cookie: await cookieOf(p.context) });
  }
  const chief = await person('en-GB');
  watch(chief.page, origins, (kind, what) => book.found(routeName(chief.page.url()), kind, chief.page.url(), what));
  await walk.signIn(chief.page, demo.shop, '/dealer', 'gillian@northgate-leeds.example.com');
  await walk.team(chief.page, demo.shop, demo.admin, chief.seen(look));
  await walk.desk(chief.page, demo.shop, chief.seen(look));
  const sheet = await walk.reports(chief.page, `${demo.shop}/dealer/reports`, chief.seen(look));
  const cars = await walk.carsByFile(chief.page, demo.shop, chief.seen(look));
  states.set('group', await chief.context.storageState());
  crawls.push({ who: 'group', starts: ['/dealer/group', '/dealer/staff', '/dealer/site', '/account', sheet, cars], cookie: await cookieOf(chief.context), ...sisters });
  const pages = [], shapes = new Set(), open = new Map();
  for (const c of crawls) {
    const { pages: found, broken } = await crawl({ ...c, allRoutes, origin: demo.shop, ...(!c.cookie && { taken: open }) });
    for (const b of broken) if (!/nowhere/.test(b)) book.found(b.split(' ')[0], 'reach', c.who, b);
    for (const p of found) if (!shapes.has((c.cookie ?? '') + p.url)) { shapes.add((c.cookie ?? '') + p.url); pages.push(p); }
    say(`${c.who}: ${found.length} pages found`);
  }
  for (const p of pages) {
    const row = book.row(p.route);
    row.pages++;
    row.raw = Math.max(row.raw, Buffer.byteLength(p.html));
    if (Buffer.byteLength(p.html) > budget.html) book.found(p.route, 'weight', p.label, `${Buffer.byteLength(p.html)} bytes of HTML, ${budget.html} are allowed`);
  }
  if (!only) for (const r of allRoutes) if (!pages.some((p) => p.route === r.path) && !lived.some((p) => p.route === r.path)) book.found(r.path, 'reach', 'crawl', 'nobody reaches this page: let somebody in walk.mjs go there');
  await validity([...pages, ...lived], (p, what) => book.found(p.route, 'html', p.label, what));
  say(`${pages.length + lived.length} pages are read by the validators`);
  await sweep(pages.filter((p) => !only || only.test(p.route)), states);
  const gb = homes[0], shop = demo.shop;
  const key = [
    { name: 'front door', url: `${shop}/`, who: 'visitor', public: true },
    { name: 'range', url: `${shop}/dacia/gb`, who: 'visitor', public: true },
    { name: 'model', url: `${shop}/dacia/gb/new/duster`, who: 'visitor', public: true },
    { name: 'configurator', url: `${shop}/dacia/gb/new/duster/configure`, who: 'visitor' },
    { name: 'guide', url: `${shop}/renault/fr/guide`, who: 'visitor', public: true },
    { name: 'dealers', url: `${shop}/renault/de/dealers`, who: 'visitor', public: true },
    { name: 'details', url: gb.buyer.states.find((u) => u.endsWith('/details')), who: 'buyer gb' },
    { name: 'order', url: gb.order, who: 'buyer gb' },
    { name: 'dealer queue', url: `${shop}/dealer`, who: 'dealer gb' },
    { name: 'manager', url: `${shop}/manager`, who: 'ines@hq.example.com' },
  ].filter((k) => !only || only.test(k.name));
  return { key: await keyPages(key, states), pages: pages.length + lived.length };
}

// four is the short form: range, configurator, details, dealer queue.
async function four(home, states) {
  const shop = demo.shop;
  const list = [
    { name: 'range', url: `${shop}/dacia/gb`, who: 'visitor', public: true },
    { name: 'configurator', url: `${shop}/dacia/gb/new/duster/configure`, who: 'visitor' },
    { name: 'order', url: home.order, who: 'buyer gb' },
    { name: 'dealer queue', url: `${shop}/dealer`, who: 'dealer gb' },
  ];
  const pages = [];
  for (const k of list) {
    const cookie = (states.get(k.who)?.cookies ?? []).map((c) => `${c.name}=${c.value}`).join('; ');
    const answer = await fetch(k.url, { headers: cookie ? { Cookie: cookie } : {} });
    if (!answer.ok) book.found(k.name, 'reach', k.url, `answers ${answer.status}`);
    pages.push({ ...k, route: routeName(k.url), label: new URL(k.url).pathname, html: await answer.text() });
  }
  for (const p of pages) { book.row(p.route).pages++; book.row(p.route).raw = Buffer.byteLength(p.html); }
  await validity(pages, (p, what) => book.found(p.route, 'html', p.label, what));
  await sweep(pages, states);
  await keyPages(list, states);
  console.log(table(book, list));
}

let result, failure;
try {
  if (has('--screenshots')) await screenshots(browser, demo, say);
  else result = await all();
} catch (e) {
  failure = e;
} finally {
  await browser.close();
  await demo.stop();
}
if (result) {
  console.log(table(book, result.key));
  const facts = `${result.pages} pages, ${widths.length} widths, two colour schemes, ${book.findings.length} findings, ${Math.round((Date.now() - began) / 60000)} minutes.`;
  if (!only && !has('--no-lighthouse')) await writeFile(path.join(root, 'docs/audit.md'), document(book, result.key, facts));
}
if (book.findings.length) {
  await mkdir(path.join(root, 'artefacts'), { recursive: true });
  await writeFile(path.join(root, 'artefacts/audit.json'), JSON.stringify(book.findings, null, 1));
  const same = new Map();
  for (const f of book.findings) {
    const key = `${f.kind}  ${f.route}  ${f.what}`;
    same.set(key, [...(same.get(key) ?? []), f.where]);
  }
  console.log(`\n${book.findings.length} findings (all in artefacts/audit.json):`);
  for (const [what, where] of [...same].slice(0, 200)) console.log(`- ${what}  [${where.length} x, e.g. ${where[0]}]`);
}
if (failure) throw failure;
process.exitCode = book.findings.length ? 1 : 0;
say(book.findings.length ? 'not clean' : 'clean');
