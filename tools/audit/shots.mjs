// Twelve key pages of both brands, light and dark, on a phone and a desk, for people to look at:
// artefacts/screenshots/index.html shows them side by side.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { root } from './demo.mjs';
import * as walk from './walk.mjs';

const dir = path.join(root, 'artefacts/screenshots');
const screens = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 900 } };
const shops = [
  { brand: 'dacia', market: 'gb', model: 'duster', office: 'ines@hq.example.com' },
  { brand: 'renault', market: 'fr', model: 'clio', office: 'solene@fr-office.example.com' },
];

async function shoot(page, name) {
  for (const [screen, size] of Object.entries(screens)) {
    await page.setViewportSize(size);
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.screenshot({ path: path.join(dir, `${name}-${screen}-${colorScheme}.png`), fullPage: true });
    }
  }
  await page.emulateMedia({ colorScheme: 'light' });
}

const tab = async (browser, locale) => (await browser.newContext({ locale })).newPage();

// one walks through a shop and stops at its key pages.
async function one(browser, demo, { brand, market, model, office }, say) {
  const m = (await walk.markets()).find((x) => x.code === market), shop = demo.shop, base = `${shop}/${brand}/${market}`;
  const names = [];
  const at = async (page, name, url) => {
    if (url) await page.goto(url);
    names.push(name);
    await shoot(page, `${brand}-${name}`);
    say(`${brand} ${name}`);
  };
  const visitor = await tab(browser, m.locale);
  await at(visitor, '01-front-door', `${shop}/`);
  await at(visitor, '02-range', base);
  await at(visitor, '03-model', `${base}/new/${model}`);
  await at(visitor, '04-configurator', `${base}/new/${model}/configure`);
  await at(visitor, '05-guide', `${base}/guide`);
  await at(visitor, '06-dealer', `${base}/new/${model}/dealer?near=${encodeURIComponent(m.postcode)}`);
  const { order, dealer } = await walk.buy(visitor, shop, m, brand, model, async (state) => {
    if (state === 'details') await at(visitor, '07-details');
    if (state === 'check') await at(visitor, '08-check');
    await visitor.setViewportSize(screens.phone);
  });
  const staff = await tab(browser, m.locale);
  await walk.signIn(staff, shop, '/dealer', await walk.dealerLogin(m, dealer));
  await at(staff, '09-dealer-queue');
  await visitor.goto(order);
  const number = (await visitor.locator('body').innerText()).match(/FC-[A-Z0-9-]+/)[0];
  await walk.accept(staff, shop, number);
  await walk.prepare(staff, shop, number, async () => {});
  await walk.book(visitor, order, async () => {});
  await at(visitor, '10-order');
  await at(staff, '11-handover', `${shop}/dealer/orders/${number}/handover`);
  const manager = await tab(browser, m.locale);
  await walk.signIn(manager, shop, '/manager', office);
  await at(manager, '12-manager');
  for (const p of [visitor, staff, manager]) await p.context().close();
  return names;
}

export async function screenshots(browser, demo, say) {
  await rm(dir, { recursive: true, force: true });
  await mkdir(dir, { recursive: true });
  let page = '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Key pages</title><style>body{font-family:sans-serif}div{display:flex;gap:1rem;align-items:start;overflow-x:auto}img{max-block-size:40rem;border:1px solid #999}</style>';
  for (const shop of shops) {
    for (const name of await one(browser, demo, shop, say)) {
      const cells = Object.keys(screens).flatMap((s) => ['light', 'dark'].map((c) => `<img loading="lazy" alt="${s}, ${c}" src="${shop.brand}-${name}-${s}-${c}.png">`));
      page += `<h2>${shop.brand} ${name}</h2><div>${cells.join('')}</div>`;
    }
  }
  await writeFile(path.join(dir, 'index.html'), page);
  say(`pictures are in ${path.relative(root, dir)}, see index.html there`);
}
