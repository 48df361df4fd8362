// The people of the product. Each walk leaves addresses to look at later, and stops at states that no
// address brings back (a refused form, an order that is about to change) to have them looked at.
import { createHmac } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import { presses } from './crawl.mjs';
import { password, root } from './demo.mjs';

// Everything the walks type, except what each market writes in its own way.
const buyer = { name: 'Priya Raman', email: 'priya.raman@example.com', street: 'Ash Grove 8', town: 'Leeds' };

export async function markets() {
  const dir = path.join(root, 'config/markets');
  const out = [];
  for (const file of (await readdir(dir)).sort()) {
    const text = await readFile(path.join(dir, file), 'utf8');
    const field = (name) => text.match(new RegExp(`^${name}: *"?([^"\n]*?)"?$`, 'm'))?.[1];
    const m = { code: field('code'), locale: field('locale'), phone: field('phone_example'), postcode: field('postcode_example'), plate: field('plate_example') };
    if (m.code !== 'zz') out.push(m); // the market of the smoke test
  }
  return out;
}

async function press(page, selector) {
  await Promise.all([page.waitForEvent('load'), page.click(selector)]);
}

async function type(page, fields) {
  for (const [id, text] of Object.entries(fields)) if (await page.locator(`#${id}`).count()) await page.fill(`#${id}`, text);
}

// Browsers refuse an empty field before the server sees it; the server's own answer is what counts here.
const noValidate = (page) => page.evaluate(() => document.querySelectorAll('form').forEach((f) => { f.noValidate = true; }));

// buy walks from a model to the order page. seen is called with the open page and the state's name.
export async function buy(page, shop, market, brand, model, seen) {
  const base = `${shop}/${brand}/${market.code}`;
  await page.goto(`${base}/new/${model}/dealer?near=${encodeURIComponent(market.postcode)}`);
  const dealer = await page.locator('input[name=dealer]').first().getAttribute('value');
  await page.locator('input[name=dealer]').first().check();
  await press(page, 'main form[method=post] button[type=submit]');
  await seen('details', true);
  await noValidate(page);
  await type(page, { ...buyer, phone: '12', postcode: market.postcode });
  await press(page, 'main form[method=post] button[type=submit]');
  await seen('details, refused', true);
  await type(page, { phone: market.phone });
  await press(page, 'main form[method=post] button[type=submit]');
  await seen('check', true);
  const check = page.url();
  await page.goto(check.replace(/check$/, 'dealer'));
  await seen('dealer, to change', true);
  await page.goto(check.replace(/check$/, 'showroom'));
  await seen('basket', true);
  await press(page, 'button[value=open]');
  await seen('basket, a code for a desk', true);
  await page.goto(check.replace(/check$/, 'car'));
  await seen("basket, its car", true);
  await page.goto(`${base}/showroom?code=K7QF-3M2P`);
  await press(page, 'main form[method=post] button[type=submit]');
  await seen('basket of a desk, refused code', true);
  await page.goto(check);
  await noValidate(page);
  await press(page, 'form[action$="/pay"] button[type=submit]');
  await seen('check, refused', true);
  await page.check('#terms');
  await press(page, 'form[action$="/pay"] button[type=submit]');
  await seen('card page', true);
  await type(page, { number: '4000 0000 0000 0002', expiry: '12 / 34', cvc: '123', name: buyer.name });
  await press(page, 'form[method=post] button.main');
  await seen('card page, declined', true);
  await type(page, { number: '4000 0000 0000 3220', expiry: '12 / 34', cvc: '123', name: buyer.name });
  await press(page, 'form[method=post] button.main');
  await seen('card page, 3-D Secure', true);
  await press(page, 'button[value=complete]');
  await until(page, /\/orders\//);
  await becomes(page, 'a[href$="/cancel"]');
  await seen('order, offered', true);
  return { order: page.url().split('?')[0], dealer };
}

// buyUsed holds a used car of a dealer, waits for it in another browser, lets go, takes the first refusal and orders, to be fetched
// elsewhere where that is offered. It leaves the order's page.
export async function buyUsed(page, other, shop, market, brand, dealer, seen, seenOther) {
  const base = `${shop}/${brand}/${market.code}/used`;
  await page.goto(`${base}?near=${encodeURIComponent(market.postcode)}&q=dustr&fuel=hybrid&max=30000&eq=camera`);
  await seen('used cars, narrowed', true);
  await page.goto(`${base}?near=nowhere+at+all&q=unfindable`);
  await seen('used cars, none', true);
  await page.goto(`${base}?sort=cheapest&dealer=${dealer}`);
  const car = new URL(await page.locator('.usedlist h3 a').first().getAttribute('href'), shop).href;
  await page.goto(car);
  await press(page, 'form[action$="/hold"] button');
  await seen('used car, held', true);
  await press(page, 'button[value=longer]');
  await seen('used car, held longer', true);
  const hold = page.url();
  await other.goto(car);
  await noValidate(other);
  await press(other, 'form[action$="/line"] button');
  await seenOther('used car, line refused', true);
  await type(other, { email: 'next.in.line@example.com' });
  await press(other, 'form[action$="/line"] button');
  await seenOther('used car, waiting', true);
  await page.goto(car);
  await seen('used car, mine', true);
  await page.goto(hold);
  await press(page, 'button[value=leave]');
  await page.goto(hold);
  await seen('used car, let go', true);
  await other.reload();
  await seenOther('used car, first refusal', true);
  await press(other, 'button[value=take]');
  const mine = other.url().split('?')[0];
  await other.goto(`${base}/your-car`);
  await noValidate(other);
  await press(other, 'main form[method=post] button');
  await seenOther('your car, refused', true);
  await type(other, { plate: market.plate, km: '60000', email: buyer.email });
  await press(other, 'main form[method=post] button');
  await seenOther('your car, offered', true);
  await other.goto(mine);
  await seenOther('used car, with a part exchange', true);
  if (await other.locator('#place option').count() > 1) {
    await other.selectOption('#place', { index: 1 });
    await press(other, 'form:has(#place) button');
    await seenOther('used car, fetched elsewhere', true);
  }
  await noValidate(other);
  await press(other, '#buy button[type=submit]');
  await seenOther('used car, order refused', true);
  await type(other, { ...buyer, phone: market.phone, postcode: market.postcode });
  await other.check('#terms');
  await press(other, '#buy button[type=submit]');
  await type(other, { number: '4242 4242 4242 4242', expiry: '12 / 34', cvc: '123', name: buyer.name });
  await press(other, 'form[method=post] button.main');
  await until(other, /\/orders\//);
  await becomes(other, 'a[href$="/cancel"]');
  await seenOther('used car, ordered', true);
  return [car, other.url().split('?')[0]];
}

// visit books a service at a dealer, is asked for more work there, says yes to it, and fetches the car. It gives the order's page and
// the one on which it was booked.
export async function visit(page, desk, shop, market, brand, dealer, seen, atDesk) {
  const base = `${shop}/${brand}/${market.code}/service`;
  await page.goto(`${base}?plate=%3F%3F&km=x&picked=1`);
  await seen('service, refused', true);
  const car = `model=${brand === 'dacia' ? 'duster' : 'clio'}&fuel=hybrid&reg=2023-03-10&km=26000`;
  await page.goto(`${base}?${car}`);
  await seen('service, priced', true);
  await page.goto(`${base}/times?picked=1&pick=annual-service&near=nowhere+at+all&mobility=collection&${car}`);
  await seen('service times, refused', true);
  await page.goto(`${base}/times?picked=1&pick=annual-service&dealer=${dealer}&${car}`);
  await seen('service times', true);
  await press(page, 'button[name="slot"]');
  const booking = page.url();
  await seen('service, held', true);
  await noValidate(page);
  await press(page, 'form[action*="/service/book/"] button');
  await seen('service, details refused', true);
  await type(page, { ...buyer, phone: market.phone, postcode: market.postcode });
  await page.check('#terms');
  await page.check('input[name="pay"][value="desk"]');
  await press(page, 'form[action*="/service/book/"] button');
  const order = page.url().split('?')[0], number = (await page.locator('.eyebrow').first().textContent()).match(/FC-[0-9A-Z]{4}-[0-9A-Z]{4}/)[0];
  await seen('visit, booked', true);
  await desk.goto(`${shop}/dealer/orders/${number}`);
  await noValidate(desk);
  await press(desk, 'form[action$="/arrival"] button');
  await atDesk('visit, arrival refused', true);
  await type(desk, { vin: 'UU1DJF00X64123456', km: '26100', plate: '' });
  await press(desk, 'form[action$="/arrival"] button');
  await desk.locator('summary', { has: desk.locator('xpath=following-sibling::form[contains(@action, "/extra")]') }).click();
  await desk.selectOption('#item', 'brakes-front');
  await desk.fill('#vwords', '3 mm left on the pads');
  await press(desk, 'form[action$="/extra"] button');
  await atDesk('visit, more work asked', true);
  await page.goto(order);
  await seen('visit, asked', true);
  await press(page, 'button[name="act"][value="yes"]');
  await seen('visit, answered', true);
  await press(desk, 'form[action$="/step"] button');
  await atDesk('visit, ready', true);
  await page.goto(order);
  await seen('visit, ready to fetch', true);
  return [booking, order];
}

// carElsewhere looks at a car that is brought to another site, as the seller who has said yes.
export async function carElsewhere(page, shop, number, seen) {
  await accept(page, shop, number);
  await page.goto(`${shop}/dealer/used/moves`);
  await seen('cars between sites', true);
  await page.goto(new URL(await page.locator('main a[href*="/dealer/used/moves/"]').first().getAttribute('href'), shop).href);
  await seen('car for another site', true);
}

// knownCar sends a fault without its size, and a picture that is none, on the page of a dealer's first used car.
export async function knownCar(page, shop, seen) {
  await page.goto(`${shop}/dealer/used`);
  const car = page.locator('main h2 a').first();
  if (!await car.count()) return; // the site has none
  const known = new URL(await car.getAttribute('href'), shop).href;
  await page.goto(known);
  await noValidate(page);
  await press(page, 'form[action$="/faults"] button[type=submit]');
  await seen('used car of a dealer, fault refused', true);
  await page.goto(known);
  await noValidate(page);
  await page.setInputFiles('#photo', { name: 'car.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>') });
  await press(page, 'form[action$="/photos"] button[type=submit]');
  await seen('used car of a dealer, picture refused', true);
}

// saveSearch keeps a search of used cars, is refused once, says yes by the letter, pauses it and deletes it; it looks at a
// page that search engines know and at the link that ends a search, too.
export async function saveSearch(page, shop, market, brand, admin, seen) {
  const base = `${shop}/${brand}/${market.code}/used`;
  await page.goto(base);
  const landing = new URL(await page.locator('section[aria-labelledby=models] a').last().getAttribute('href'), shop).href;
  await page.goto(landing);
  await seen('used cars, a model', true);
  await page.goto(`${base}/save?max=30000&fuel=hybrid&near=${encodeURIComponent(market.postcode)}`);
  await noValidate(page);
  await press(page, 'main form[method=post] button');
  await seen('search of used cars, refused', true);
  await type(page, { email: `saved.${brand}.${market.code}@example.com` });
  await press(page, 'main form[method=post] button');
  await seen('search of used cars, saved', true);
  await page.goto(await mailed(admin, new RegExp(`http[^\\s"<]*/${brand}/${market.code}/used/alerts/[\\w-]+/confirm`)));
  await seen('search of used cars, to confirm', true);
  await press(page, 'main form[method=post] button');
  await seen('search of used cars, on', true);
  await press(page, 'button[value=pause]');
  await seen('search of used cars, paused', true);
  await press(page, 'button[value=delete]');
  await seen('search of used cars, over', true);
  await page.goto(await mailed(admin, /http[^\s"<]*\/used\/alerts\/[\w-]+\/off/)); // of a letter to a reader of the demo
  await seen('search of used cars, to end', true);
  return [landing];
}

async function until(page, address) {
  for (let i = 0; i < 100 && !address.test(page.url()); i++) await page.waitForTimeout(100);
  if (!address.test(page.url())) throw new Error(`still at ${page.url()}`);
}

// becomes reloads until something shows: webhooks and jobs are a moment behind the page.
async function becomes(page, selector) {
  for (let i = 0; i < 60; i++) {
    if (await page.locator(selector).count()) return;
    await page.waitForTimeout(250);
    await page.reload();
  }
  throw new Error(`${selector} never shows on ${page.url()}`);
}

export async function signIn(page, shop, to, email) {
  await page.goto(shop + to);
  await type(page, { email, password });
  await Promise.all([page.waitForEvent('load'), page.locator('#password').press('Enter')]);
  if (new URL(page.url()).pathname !== to) throw new Error(`${email} cannot sign in: ${page.url()}`);
}

// dealerLogin is the first login of a dealer, from the demo's own files.
export async function dealerLogin(market, code) {
  const text = await readFile(path.join(root, `config/dealers/${market.code}.yaml`), 'utf8');
  const staff = text.indexOf('staff:', text.indexOf(`code: ${code}\n`));
  const email = text.slice(staff).match(/email: *"?([^\s",}]+)/)?.[1];
  if (!email) throw new Error(`no login for ${code}`);
  return email;
}

// The six digits that an authenticator app shows now.
function digits(secret) {
  const bits = [...secret.replaceAll(' ', '')].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000)));
  const sum = createHmac('sha1', key).update(step).digest();
  return String((sum.readUInt32BE(sum[19] & 15) & 0x7fffffff) % 1e6).padStart(6, '0');
}

// desk walks through a basket that begins at a dealer's desk.
export async function desk(page, shop, seen) {
  await page.goto(`${shop}/dealer/showroom`);
  await type(page, { code: '2222-2222' });
  await press(page, 'main form[method=post] button[type=submit]');
  await seen('showroom, refused code', true);
  await page.goto(`${shop}/dealer/showroom/new/dacia/duster`);
  await press(page, '.take button');
  await seen('basket at a desk', true);
  await page.goto(`${page.url()}/car`);
  await seen('basket at a desk, its car', true);
}

// connect registers the address of a dealer's own system: from here on it hears of each order.
export async function connect(page, shop, seen) {
  await page.goto(`${shop}/dealer/site/hooks`);
  await noValidate(page);
  await type(page, { url: 'http://10.0.0.1/' });
  await press(page, 'form[action="/dealer/site/hooks"] button[type=submit]');
  await seen('own systems, refused', true);
  await type(page, { url: 'https://dms.example.com/forecourt' });
  await press(page, 'form[action="/dealer/site/hooks"] button[type=submit]');
  await seen('own system, its secret waits', true);
  await press(page, 'form[action$="/secret"] button');
  await seen('own system, its secret', true);
}

// reports sends a file that says how far cars are, in a portal.
export async function reports(page, address, seen) {
  await page.goto(address);
  await noValidate(page);
  await press(page, 'form[enctype] button[type=submit]');
  await seen('stages by file, refused', true);
  await page.setInputFiles('#file', { name: 'cars.csv', mimeType: 'text/csv', buffer: Buffer.from('vin,stage,date\nVF1RJA00061234567,built,2026-11-20\nVF1,flown,soon\n') });
  await press(page, 'form[enctype] button[type=submit]');
  await seen('stages by file, looked at', true);
  return page.url();
}

// carsByFile sends a file of used cars, refused first, looks at its columns and lines, and carries it out.
export async function carsByFile(page, shop, seen) {
  await page.goto(`${shop}/dealer/used/import`);
  await noValidate(page);
  await press(page, 'form[enctype] button[type=submit]');
  await seen('cars by file, refused', true);
  const rows = ['Chassis number;Make;Model;Body;Fuel;Gearbox;Colour;Doors;Seats;Power kW;CO2;Euro class;First registration;Kilometres;Owners;Price;VAT',
    'UU1RJU00X24000001;Dacia;Duster;SUV;Hybrid;Automatic;Grey;5;5;103;120;Euro 6d;02/05/2023;41000;1;15990;margin', 'UU1RJU00X24000002;Dacia;Duster;SUV;Water;Manual;Grey;5;5;103;120;Euro 6d;02/05/2023;41000;1;-5;margin'];
  await page.setInputFiles('#file', { name: 'cars.csv', mimeType: 'text/csv', buffer: Buffer.from(rows.join('\n')) });
  await press(page, 'form[enctype] button[type=submit]');
  await seen('cars by file, its columns', true);
  await page.selectOption('#c0', '');
  await press(page, 'form[action$="/columns"] button[type=submit]');
  await seen('cars by file, columns refused', true);
  await page.selectOption('#c0', 'vin');
  await press(page, 'form[action$="/columns"] button[type=submit]');
  await page.waitForTimeout(2000);
  await page.reload();
  await seen('cars by file, looked at', true);
  const sheet = page.url();
  if (await page.locator(`form[action="${new URL(sheet).pathname}"] button`).count()) {
    await press(page, `form[action="${new URL(sheet).pathname}"] button`);
    await page.waitForTimeout(2000);
    await page.goto(sheet);
    await seen('cars by file, carried out', true);
  }
  return sheet;
}

// team walks through what a group's manager does: invites somebody who opens the letter, sets up an app, and is
// asked for its code.
export async function team(page, shop, admin, seen) {
  await page.goto(`${shop}/dealer/staff`);
  await noValidate(page);
  await type(page, { name: '', email: 'nobody' });
  await press(page, 'form[action="/dealer/staff"] button[type=submit]');
  await seen('staff, refused invitation', true);
  await noValidate(page);
  await type(page, { name: 'Nora New', email: 'nora@northgate-leeds.example.com' });
  await page.locator('input[value="handover@gb-leeds-northgate"]').check();
  await press(page, 'form[action="/dealer/staff"] button[type=submit]');
  await seen('staff, an invitation waits', true);
  await page.goto(await invitation(admin));
  await seen('invitation', true);
  await type(page, { password: 'short' });
  await noValidate(page);
  await press(page, 'form[action*="/invitation/"] button');
  await seen('invitation, refused password', true);
  await type(page, { password: 'a sentence to remember' });
  const nora = await page.context().browser().newContext();
  const joining = await nora.newPage();
  await joining.goto(page.url());
  await type(joining, { password: 'a sentence to remember' });
  await press(joining, 'form[action*="/invitation/"] button');
  await nora.close();
  await page.goto(`${shop}/dealer/staff`);
  await page.locator('a', { hasText: 'Nora New' }).first().click();
  await seen('staff, a colleague who joined', true);
  await press(page, 'form[action$="/reset"] button');
  await seen('staff, a reset waits', true);
  await page.goto(await mailed(admin, /http[^\s"<]*\/login\/reset\/[\w-]+/));
  await seen('reset', true);
  await noValidate(page);
  await type(page, { password: 'short' });
  await press(page, 'form[action*="/reset/"] button');
  await seen('reset, refused password', true);
  await page.goto(`${shop}/dealer/site`);
  await noValidate(page);
  await type(page, { hours_mon: '18-9' });
  await press(page, 'form[action="/dealer/site/plan"] button[type=submit]');
  await seen('opening hours, refused', true);
  await type(page, { day: '2030-12-24', reason: 'Stocktaking' });
  await press(page, 'form[action="/dealer/site/day"] button[type=submit]');
  await seen('opening hours, a day that differs', true);
  await companySignOn(page, shop, seen);
  await page.goto(`${shop}/account/app`);
  await type(page, { code: digits(await page.locator('.mono').innerText()) });
  await press(page, 'form[action="/account/app"] button[type=submit]');
  await seen('recovery codes', true);
  const code = await page.locator('main li').first().innerText();
  await page.goto(`${shop}/account`);
  await seen('account with an app', true);
  await press(page, 'header form button');
  await type(page, { email: 'gillian@northgate-leeds.example.com', password });
  await Promise.all([page.waitForEvent('load'), page.locator('#password').press('Enter')]);
  await seen('second factor', true);
  await type(page, { code: '000000' });
  await press(page, 'form[action="/login/second"] button');
  await seen('second factor, refused', true);
  await type(page, { code });
  await press(page, 'form[action="/login/second"] button');
}

// companySignOn sets up a provider that does no more than describe itself, and goes half the way to it.
async function companySignOn(page, shop, seen) {
  const provider = createServer((_, answer) => {
    const issuer = `http://127.0.0.1:${provider.address().port}`;
    answer.setHeader('Content-Type', 'application/json');
    answer.end(JSON.stringify({ issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/keys` }));
  });
  await new Promise((ready) => provider.listen(0, '127.0.0.1', ready));
  const save = 'form[action="/dealer/group/sso"] button[type=submit]';
  await page.goto(`${shop}/dealer/group/sso`);
  await noValidate(page);
  await type(page, { issuer: 'https://10.0.0.1', domains: 'example' });
  await press(page, save);
  await seen('company sign-on, refused settings', true);
  await type(page, { issuer: `http://127.0.0.1:${provider.address().port}`, client: 'forecourt', secret: 'a secret of the client', domains: 'northgate-leeds.example.com' });
  await press(page, save);
  await seen('company sign-on, set up', true);
  await page.goto(`${shop}/login/sso`);
  await type(page, { email: 'somebody@nowhere.example.com' });
  await press(page, 'form[action="/login/sso"] button');
  await seen('company sign-on, no such company', true);
  await page.route('**/authorize?**', (route) => route.fulfill({ status: 204 })); // the page that leads there stays
  await type(page, { email: 'somebody@northgate-leeds.example.com' });
  const gone = page.waitForRequest('**/authorize?**');
  await press(page, 'form[action="/login/sso"] button');
  const back = new URL((await gone).url()).searchParams.get('redirect_uri');
  await seen('company sign-on, on the way', true);
  await page.unroute('**/authorize?**');
  await page.goto(`${back}?state=somebody-elses&code=none`);
  await seen('company sign-on, back with what nobody sent', true);
  provider.close();
}

const invitation = (admin) => mailed(admin, /http[^\s"<]*\/login\/invitation\/[\w-]+/);

// mailed waits for a letter with a link of the form and gives it.
async function mailed(admin, form) {
  for (let i = 0; i < 60; i++) {
    const list = await (await fetch(`${admin}/mail/`)).text();
    for (const [, href] of list.matchAll(/href="([^"]+)"/g)) {
      const letter = await (await fetch(new URL(href, `${admin}/mail/`))).text();
      const link = letter.match(form);
      if (link) return link[0];
    }
    await new Promise((done) => setTimeout(done, 250));
  }
  throw new Error('no letter with such a link was sent');
}

export async function accept(page, shop, number) {
  await page.goto(`${shop}/dealer/orders/${number}`);
  await press(page, 'form[action$="/accept"] button');
}

export async function refuse(page, shop, number, seen) {
  await page.goto(`${shop}/dealer/orders/${number}`);
  await noValidate(page);
  await press(page, 'form[action$="/decline"] button');
  await seen('order, decline without reason', true);
  await page.locator('details:has(#question) summary').click();
  await page.fill('#question', 'Do you need the tow bar from the first day?');
  await press(page, 'form[action$="/question"] button');
  await seen('order, the buyer is asked first', true);
}

let chassis = 10000;

// prepare walks an accepted order until it waits for its pick-up; a car that exists already has fewer steps.
export async function prepare(page, shop, number, seen, paid = true) {
  await page.goto(`${shop}/dealer/orders/${number}`);
  await seen('order, accepted', true);
  await page.goto(`${shop}/dealer/orders/${number}/receipt`);
  await seen('receipt of an order, for its dealer', true);
  await page.goto(`${shop}/dealer/orders/${number}`);
  // The pay link that the dealer shows to the buyer: a page of its own, without a login.
  const link = await page.locator('a[href*="/pay/"]').first().getAttribute('href');
  await page.goto(link);
  await seen('pay link, something owed', true);
  await page.goto(`${shop}/dealer/orders/${number}`);
  for (let step = 0; step < 8; step++) {
    const next = page.locator('form[action$="/step"] button.main');
    if (await page.locator('#checks').count()) {
      await seen('order, arrived', true);
      for (const box of await page.locator('#checks input').all()) await box.check();
      await press(page, 'button[name=prepared]');
    } else if (!(await next.count())) break;
    else if (await page.locator('#vin').count() && !(await page.locator('#vin').inputValue())) {
      await page.fill('#vin', '123');
      await press(page, 'form[action$="/step"] button.main');
      await seen('order, wrong VIN', true);
      await page.fill('#vin', 'VF1RJA00X744' + String(++chassis)); // two cars never share one
      await press(page, 'form[action$="/step"] button.main');
    } else await press(page, 'form[action$="/step"] button.main');
  }
  await seen('order, ready', true);
  if (paid) await settle(page);
}

// settle records at the desk what is left to pay, on the open page of an order.
export async function settle(page) {
  if (!(await page.locator('#pay details[open]:has(form[action$="/payments"])').count())) await page.click('#pay details:has(form[action$="/payments"]) > summary');
  await press(page, 'form[action$="/payments"] button');
}

// defer lets the rest of a ready order's price open: refused once at the order, then written down beside the car.
export async function defer(page, shop, number, seen) {
  const form = async () => { if (!(await page.locator('#defer[open]').count())) await page.click('#defer summary'); };
  await page.goto(`${shop}/dealer/orders/${number}`);
  await form();
  await seen('order, rest to let open', true);
  await noValidate(page);
  await press(page, 'form[action$="/deferral"] button');
  await seen('order, rest let open without a reason', true);
  await page.goto(`${shop}/dealer/orders/${number}/handover`);
  await form();
  await seen('handover, rest to let open', true);
  await page.selectOption('#why', 'finance');
  await page.fill('#day', await page.locator('#day').getAttribute('max'));
  await press(page, 'form[action$="/deferral"] button');
  await seen('handover, rest let open', true);
}

export async function book(page, order, seen) {
  await page.goto(order);
  await seen('order, ready', true);
  await page.goto(`${order}/receipt`);
  await seen('receipt of an order, for its buyer', true);
  await page.goto(order);
  await page.locator('input[name=starts]').first().check();
  await press(page, 'form[action$="/slot"] button');
  await seen('order, pick-up booked', true);
  return (await page.locator('.pass .code').innerText()).replace(/\s/g, '');
}

// slips opens both forms that put a slip of a ready order right, and is refused by each.
async function slips(page, shop, number, seen) {
  const order = `${shop}/dealer/orders/${number}`;
  for (const [link, what] of [['a[href$="/correction"]', 'VIN or plate'], ['#pay a[href*="/correction/"]', 'payment']]) {
    await page.goto(order);
    if (!(await page.locator(link).count())) continue;
    await page.goto(await page.locator(link).first().evaluate((a) => a.href));
    await seen(`correction of a ${what}`, true);
    await noValidate(page);
    await press(page, 'form[action*="/correction"] button');
    await seen(`correction of a ${what}, refused`, true);
  }
}

export async function handOver(page, shop, number, code, seen) {
  await slips(page, shop, number, seen);
  await page.goto(`${shop}/dealer/orders/${number}/handover`);
  for (const [c, keys] of [['WRONG2', '2'], [code, 'x'], [code, '2']]) {
    if (await page.locator('#code').count()) await page.fill('#code', c); // known to be right, it is not asked again
    await page.fill('#odometer', '4');
    await page.check('input[value="all"]');
    if (!(await page.locator('details[open] > div #faults').count())) await page.click('details:has(#faults) > summary');
    await page.fill('#keys', keys);
    await page.fill('#faults', 'Scratch on the left mirror');
    await noValidate(page);
    await press(page, 'form[action$="/handover"] button');
    if (c !== code) await seen('handover, wrong code', true);
    else if (keys === 'x') await seen('handover, wrong keys', true);
  }
  await seen('order, handed over', true);
  await noValidate(page);
  await press(page, 'form[action$="/undo"] button');
  await seen('order, handover taken back without a reason', true);
  return (await page.locator('[aria-labelledby=h-code] .mono').innerText()).replace(/\s/g, '');
}

// collect is the buyer after the handover: refused once, then confirmed; and the dealer's code on a stranger's phone.
export async function collect(page, stranger, shop, order, code, seen, strange) {
  await page.goto(order);
  await page.fill('#dealer_code', 'WRONG2');
  await press(page, 'form[action$="/handover"] button');
  await seen('order, wrong code of the dealer', true);
  await page.fill('#dealer_code', code);
  await press(page, 'form[action$="/handover"] button');
  await seen('order, handover confirmed', true);
  await stranger.goto(`${shop}/dacia/gb/collected/${code}`);
  await strange("the dealer's code on another phone", true);
}

// change opens the configurator with an order's car, takes the first other choice that leads on, and looks at the comparison;
// the order stays as it is.
export async function change(page, order, seen) {
  await page.goto(`${order}/change`);
  await seen('order, to change', true);
  const choices = await page.locator('button[name=take]').count();
  for (let i = 0; i < choices; i++) {
    const [name, picks] = [await page.locator('button[name=take]').nth(i).getAttribute('value'), await page.locator('input[name=s]').first().getAttribute('value')];
    await page.goto(`${order}/change?${new URLSearchParams({ s: picks, take: name })}`);
    if (await page.locator('a[href*="/change/confirm"]').count()) break;
    await page.goto(`${order}/change`);
  }
  await seen('order, another car', true);
  await Promise.all([page.waitForEvent('load'), page.click('a[href*="/change/confirm"]')]);
  await seen('order, comparison', true);
}

// ask is what a buyer asks after a dealer has accepted: another car of the dealer who has the order, then another dealer
// to take it over. Both say no, once without a reason, so the order goes on where it is.
export async function ask(page, order, staff, other, shop, number, seen, seenStaff, seenOther) {
  await change(page, order, async () => {});
  await press(page, 'main form[method=post] button[type=submit]');
  await seen('order, asked for another car', true);
  await staff.goto(`${shop}/dealer`);
  await seenStaff('queue, a question waits', true);
  await staff.goto(`${shop}/dealer/orders/${number}`);
  await seenStaff('order, another car asked', true);
  await noValidate(staff);
  await press(staff, 'form[action$="/change/decline"] button');
  await seenStaff('order, no without reason', true);
  await staff.selectOption('#reason', 'date');
  await press(staff, 'form[action$="/change/decline"] button');
  await page.goto(`${order}/change/dealer`);
  await seen('order, another dealer', true);
  await noValidate(page);
  await press(page, 'main form[method=post] button[type=submit]');
  await seen('order, no dealer chosen', true);
  const box = page.locator('input[name=dealer]').first(), code = await box.getAttribute('value');
  await box.check();
  await press(page, 'main form[method=post] button[type=submit]');
  await seen('order, asked another dealer', true);
  await page.goto(`${order}/change/dealer`);
  await seen('order, another question waits', true);
  await signIn(other, shop, '/dealer', await dealerLogin({ code: order.split('/')[4] }, code));
  await seenOther('queue, asked to take over', true);
  await other.goto(`${shop}/dealer/requests/${number}`);
  await seenOther('request', true);
  await noValidate(other);
  await press(other, 'form[action$="/decline"] button');
  await seenOther('request, no without reason', true);
  await other.selectOption('#reason', 'too_far');
  await press(other, 'form[action$="/decline"] button');
  await page.goto(order);
  await seen('order, not taken over', true);
  await page.fill('#day', '2020-01-01');
  await noValidate(page);
  await press(page, 'form[action$="/wish"] button');
  await seen('order, a day that is over', true);
}

// orderMove is the country's office ordering another dealer: first without a cause, then given up, then refused by the buyer,
// so the order goes on where it is.
export async function orderMove(page, order, office, shop, number, seen, seenOffice) {
  for (const end of ['stop', 'no']) {
    await office.goto(`${shop}/manager/orders/${number}/move`);
    if (end === 'stop') {
      await noValidate(office);
      await press(office, 'form[action$="/move"] button[type=submit]');
      await seenOffice('move, nothing chosen', true);
    }
    await office.check('input[name=cause][value=cannot_deliver]');
    await office.selectOption('#dealer', { index: 1 });
    await press(office, 'form[action$="/move"] button[type=submit]');
    await page.goto(order);
    if (end === 'stop') {
      await seenOffice('order, a move waits', true);
      await seen('order, another dealer proposed', true);
      await office.goto(`${shop}/manager/orders/${number}/move`);
      await seenOffice('move, another question waits', true);
      await office.goto(`${shop}/manager/orders/${number}`);
      await press(office, 'form[action$="/move/stop"] button');
    } else {
      await press(page, 'form[action$="/proposal"] button[value=no]');
      await seen('order, said no to another dealer', true);
    }
  }
}

// withdraw leaves a contract in its two steps.
export async function withdraw(page, order, seen) {
  await page.goto(order);
  await Promise.all([page.waitForEvent('load'), page.click('a[href$="/withdraw"].btn')]);
  await seen('withdraw, to confirm', true);
  await press(page, 'form[action$="/withdraw"] button');
  await seen('order, withdrawn', true);
}

// rate is what a buyer says after the handover: once without a choice, then with words.
export async function rate(page, order, seen) {
  await page.goto(order);
  await noValidate(page);
  await press(page, 'form[action$="/rating"] button');
  await seen('order, no rating chosen', true);
  await page.check('input[name=stars][value="4"]');
  await page.fill('#words', 'Friendly, and the car was clean.');
  await press(page, 'form[action$="/rating"] button');
  await seen('order, rated', true);
}

// account looks at what the site is told of its work: cases with a comment, the fee of a car with an objection, and the address
// of its calendar, which is shown once.
export async function account(page, shop, number, seen) {
  await page.goto(`${shop}/dealer/scorecard?figure=buyers`);
  await noValidate(page);
  await press(page, 'form[action$="/remarks"] button');
  await seen('scorecard, nothing said', true);
  await page.fill('#body', 'He was right to wait for the rain to stop.');
  await press(page, 'form[action$="/remarks"] button');
  await seen('scorecard, a comment', true);
  await page.goto(`${shop}/dealer/fees/${number}`);
  await noValidate(page);
  await press(page, 'form[action*="/dealer/fees/"] button');
  await seen('fee, nothing said', true);
  await page.fill('#words', 'The towbar is missing from the price.');
  await press(page, 'form[action*="/dealer/fees/"] button');
  await seen('fee, objected to', true);
  await page.goto(`${shop}/dealer/feed`);
  await press(page, 'form[action="/dealer/feed"] button');
  await seen('calendar, its address', true);
}

// takeBack is the dealer's side of it: once refused, then the car is back.
export async function takeBack(page, shop, number, seen) {
  await page.goto(`${shop}/dealer/orders/${number}`);
  for (const km of ['1', '900']) {
    await page.fill('#odometer', km);
    await press(page, 'form[action$="/take-back"] button');
    await seen(km === '1' ? 'order, fewer kilometres' : 'order, taken back', true);
  }
}

// saveBuild keeps a car and answers the address of its page.
export async function saveBuild(page, shop, market, brand, model) {
  await page.goto(`${shop}/${brand}/${market.code}/new/${model}/save`);
  await press(page, 'main form[method=post] button[type=submit]');
  const link = page.locator('a[href*="/build/"]').first();
  return (await link.count()) ? new URL(await link.getAttribute('href'), page.url()).href : page.url();
}

// everything takes whatever the configurator offers, until it offers nothing more, and answers the address.
export async function everything(shop, brand, market, model) {
  const start = `${shop}/${brand}/${market}/new/${model}/configure?view=quarter`, taken = new Set();
  for (let at = start; ;) {
    const html = await (await fetch(at)).text();
    const next = presses(html.replace(/<button[^>]*aria-current[^>]*>/g, '')).find(([name, code]) => name === 'take' && !taken.has(code));
    if (!next) return at;
    taken.add(next[1]);
    at = `${start}&${new URLSearchParams({ s: html.match(/name="s" value="([^"]*)"/)?.[1] ?? '', take: next[1] })}`;
  }
}

// draft uploads a range, first one that is refused, and answers the draft's address.
export async function draft(page, shop, brand, model, seen) {
  await page.goto(`${shop}/manager/ranges/${brand}/${model}/draft`);
  const text = await readFile(path.join(root, `config/ranges/${brand}/${model}.yaml`), 'utf8');
  for (const [upload, state] of [[text.replace(/^body: .*$/m, 'body: spaceship'), 'draft, refused'], [text.replace(/^seats: .*$/m, 'seats: 5'), 'draft']]) {
    await page.fill('#text', upload);
    await press(page, 'form[enctype] button[type=submit]');
    if (!/drafts/.test(page.url())) await seen(state, true);
  }
  await until(page, /\/drafts\//);
  return page.url();
}

// pause closes a shop for a while: its pages say so, and take names instead of orders.
export async function pause(page, shop, brand, market, seen) {
  await page.goto(`${shop}/manager/switch/${brand}/${market}/new?to=paused`);
  await page.locator('input[name=to][value=paused]').check();
  await noValidate(page);
  await press(page, 'form[action$="/new"] button[type=submit]');
  await seen('switch, without a reason', true);
  await page.fill('#reason', 'Too few technicians this week');
  await press(page, 'form[action$="/new"] button[type=submit]');
}
