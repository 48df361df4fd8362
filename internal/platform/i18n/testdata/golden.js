// Prints golden.tsv: how ICU (Node's Intl) writes what Printer writes. Needs Node 20 or newer:
//   node golden.js > golden.tsv
// One line: locale, method, argument, further argument or empty, what ICU writes.
const locales = ['en-GB', 'it-IT', 'fr-FR', 'de-DE', 'es-ES', 'ro-RO'];
const currencies = ['GBP', 'EUR', 'RON', 'USD'];

let seed = 20261122;
const random = () => { // a small generator of its own, so that the file can be printed again
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 2 ** 32;
};
const amounts = [0, 1, -1, 9, 99, 100, -100, 101, 999, 1000, 65000, -65000, 99900, 99999, 100000, -123450,
  999900, 999999, 1000000, -1000000, 1234567, 99999999, 100000000, -123456789012, 9007199254740];
for (let i = 0; i < 60; i++) amounts.push(Math.floor((random() - 0.3) * 10 ** (2 + (i % 9))) * (i % 3 ? 1 : 100));
const basisPoints = [0, 1, 5, 10, 50, 100, 550, 1000, 1234, 1900, 2000, 2100, 2200, 9999, 10000, 123456, 100000000, -550, -2000];
const metres = [0, 40, 49, 50, 51, 80, 81, 100, 149, 150, 949, 950, 999, 1000, 1050, 1609, 1610, 9949, 9950, 9999, 10000, 10499, 10500,
  16013, 16014, 16093, 16094, 999499, 999500, 1609344, 9999500, 12345678, -1500];
for (let i = 0; i < 60; i++) metres.push(Math.floor(random() * 10 ** (3 + (i % 5))));
const instants = [];
for (let m = 0; m < 12; m++) for (const d of [1, 2, 9, 15, 28]) instants.push(Date.UTC(2026, m, d, (d * 7 + m) % 24, (d * 13) % 60));
for (let d = 0; d < 7; d++) instants.push(Date.UTC(2027, 1, 1 + d, 0, d), Date.UTC(2028, 1, 29, 12, 59));
const lists = [[], ['a'], ['a', 'b'], ['a', 'b', 'c'], ['a', 'b', 'c', 'd'], ['a', 'Inés'], ['a', 'b', 'hijo'], ['a', 'hielo'],
  ['a', 'hiato'], ['a', 'Hibisco'], ['Lyon', 'Íñigo'], ['Dacia', 'io'], ['x', 'hi']];
const counts = [0, 1, 2, 3, 10, 11, 19, 20, 21, 99, 100, 101, 119, 120, 121, 1000, 999999, 1000000, 1000001, 2000000, 5000019, -1, -2];

const line = (...cells) => console.log(cells.join('\t'));
for (const l of locales) {
  for (const currency of currencies) {
    const f = (o) => new Intl.NumberFormat(l, { style: 'currency', currency, ...o });
    const whole = { trailingZeroDisplay: 'stripIfInteger' };
    const kinds = { Money: f({}), MoneyShort: f(whole), MoneyDelta: f({ ...whole, signDisplay: 'exceptZero' }) };
    for (const [name, format] of Object.entries(kinds)) for (const a of amounts) line(l, name, a, currency, format.format(a / 100));
  }
  for (const a of amounts) line(l, 'Int', a, '', new Intl.NumberFormat(l).format(a));
  for (const a of amounts) line(l, 'Decimal1', a, '', new Intl.NumberFormat(l, { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(a / 10));
  for (const a of basisPoints) line(l, 'Percent', a, '', new Intl.NumberFormat(l, { style: 'percent', maximumFractionDigits: 2 }).format(a / 10000));
  for (const [unit, short, perUnit] of [['mile', 'mi', 1609.344], ['kilometer', 'km', 1000]]) for (const a of metres) {
    const maximumFractionDigits = Math.abs(a) < 10 * perUnit ? 1 : 0;
    line(l, 'Distance', a, short, new Intl.NumberFormat(l, { style: 'unit', unit, maximumFractionDigits }).format(a / perUnit));
  }
  const dates = {
    Date: { dateStyle: 'full' }, DateShort: { dateStyle: 'medium' }, DayMonth: { day: 'numeric', month: 'long' },
    Time: { timeStyle: 'short' }, DateTime: { dateStyle: 'long', timeStyle: 'short' },
  };
  for (const [name, options] of Object.entries(dates)) {
    const format = new Intl.DateTimeFormat(l, { ...options, timeZone: 'UTC' });
    for (const t of instants) line(l, name, t / 1000, '', format.format(t));
  }
  for (const items of lists) line(l, 'List', items.join('|'), '', new Intl.ListFormat(l, { type: 'conjunction' }).format(items));
  for (const n of counts) line(l, 'plural', n, '', new Intl.PluralRules(l).select(n));
}
