// Comfort for the dealer's lists: keys, and a list that changes by itself. Without it every link and button works.

const $ = (sel, root = document) => root.querySelector(sel);
const selected = () => $('.qtable tbody [aria-current=true]');
const numberOf = (el) => el?.dataset.number;

// Keys: j and k walk the rows, Enter opens the row's link (it has the focus), and any element with data-key="x" is
// pressed by x; one that acts only gets the focus, and Enter acts. What acts does so only on the order that the panel and the highlight both show: while they differ its
// keys and buttons are dead, so that nobody answers the wrong order. A field keeps all its keys, and so does an open dialog.
const typing = (el) => el.closest?.('input, textarea, select, dialog, [contenteditable], [role=textbox]') || $('dialog[open]');
const agree = () => {
  const panel = $('.peek'), form = panel && $('form [name=number]', panel);
  return panel && !panel.dataset.wait && numberOf(panel) === numberOf(selected()) && (!form || form.value === numberOf(panel));
};

// wait says in the panel why it shows no order: what stands in it is hidden, and cannot be pressed.
function wait(why) {
  const panel = $('.peek'), words = panel && $('[data-loading]', panel);
  if (!panel) return;
  panel.dataset.wait = why;
  why === 'loading' ? panel.setAttribute('aria-busy', 'true') : panel.removeAttribute('aria-busy');
  words.hidden = false;
  words.textContent = words.dataset[why];
}

function mark(row) {
  for (const was of document.querySelectorAll('.qtable tbody .sel')) {
    was.classList.remove('sel');
    was.removeAttribute('aria-current');
  }
  row?.classList.add('sel');
  row?.setAttribute('aria-current', 'true');
}

function walk(step) {
  const rows = [...document.querySelectorAll('.qtable tbody tr')];
  const row = rows[Math.min(rows.length - 1, Math.max(0, rows.indexOf(selected()) + step))];
  mark(row);
  $('a', row)?.focus();
  lost = false;
  if (!$('.peek')) return;
  asking?.abort(); // its answer would be about another row
  wait('loading');
  later(150);
}

function target(key) {
  return [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find((el) => !el.closest('.peek') || agree());
}

addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat && event.key.length > 1) return;
  if (typing(event.target) || document.body.dataset.keys === 'off') return;
  const el = target(event.key), rows = $('.qtable tbody tr');
  if (rows && event.key === 'j') walk(1);
  else if (rows && event.key === 'k') walk(-1);
  else if (el && !event.repeat) el.matches('input, [type=submit]') ? el.focus() : el.click();
  else return;
  event.preventDefault();
});

// Screens that read single letters as commands may switch ours off; the choice is kept in this browser.
function keys(button) {
  if (!navigator.cookieEnabled) return; // the browser keeps nothing, and asking would throw
  const on = () => document.body.dataset.keys !== 'off';
  const said = $('[data-keys-said]');
  const words = (el, value) => el.dataset[value === 'on' ? 'keysOn' : 'keysOff']; // a template would escape data-on as script
  const set = (value) => { document.body.dataset.keys = value; button.textContent = words(button, value); };
  set(localStorage.getItem('keys') === 'off' ? 'off' : 'on');
  button.hidden = false;
  button.addEventListener('click', () => {
    set(on() ? 'off' : 'on');
    localStorage.setItem('keys', document.body.dataset.keys);
    said.textContent = words(said, document.body.dataset.keys);
  });
}
document.querySelectorAll('[data-keys]').forEach(keys);
for (const button of document.querySelectorAll('[data-dialog]')) {
  button.hidden = false;
  button.addEventListener('click', () => {
    const dialog = document.getElementById(button.dataset.dialog); // of the keys it tells those that do something here
    for (const line of dialog.querySelectorAll('[data-for]')) line.hidden = !target(line.dataset.for);
    for (const line of dialog.querySelectorAll('[data-rows]')) line.hidden = !$('.qtable tbody tr');
    dialog.showModal();
  });
}

// The list is fetched again from its own address, with the row that is selected. What is being pressed, sent or
// typed is never pulled away: the parts are changed at another time.
const parts = ['tabs', 'queue'];
let timer, asking, lost = false, moved = 0;

function later(ms) {
  clearTimeout(timer);
  timer = setTimeout(refresh, ms);
}

async function refresh() {
  if (document.hidden || !$('#queue')) return;
  if ($('#queue button[aria-busy]')) return later(2000);
  asking?.abort();
  const mine = asking = new AbortController(), was = numberOf(selected());
  const url = new URL(location.href);
  url.searchParams.delete('done');
  if (was) url.searchParams.set('sel', was);
  let page;
  try {
    const answer = await fetch(url, { signal: mine.signal, headers: { Accept: 'text/html', 'X-Refresh': '1' } }); // nobody sits here because of it
    if (answer.redirected) return location.reload(); // the session is over
    if (!answer.ok) throw answer;
    page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  } catch { // no connection, or asked anew: the page stays as it is
    if (mine === asking && !mine.signal.aborted && $('.peek[data-wait=loading]')) later(4000);
    return;
  }
  if (mine !== asking || mine.signal.aborted || numberOf(selected()) !== was || !$('#queue', page)) return;
  if ($('#queue button[aria-busy]')) return later(2000);
  const empty = !$('.peek');
  for (const id of parts) {
    const old = document.getElementById(id), fresh = page.getElementById(id);
    const held = old.contains(document.activeElement) && document.activeElement;
    old.replaceWith(fresh);
    if (held) again(held, fresh)?.focus({ preventScroll: true });
  }
  // The row that was looked at has gone: its neighbour is not chosen by that, somebody has to.
  const panel = $('.peek');
  lost = panel && (lost || was && numberOf(panel) !== was);
  if (lost) {
    mark();
    wait('gone');
    panel.tabIndex = -1;
    if (document.activeElement === document.body) panel.focus({ preventScroll: true });
  }
  if (empty) moved = performance.now();
  heard = $('[data-live]', page)?.dataset.after ?? heard;
}

// again finds in a new part what had the focus in the old one.
function again(held, fresh) {
  const row = numberOf(held.closest('tr'));
  const scope = row ? $(`tr[data-number="${CSS.escape(row)}"]`, fresh) : fresh;
  if (!scope) return null;
  const key = held.dataset.key && $(`[data-key="${CSS.escape(held.dataset.key)}"]`, scope);
  return key || [...scope.querySelectorAll('a, button')].find((el) => el.className === held.className && el.getAttribute('href') === held.getAttribute('href')) || $('a', scope);
}

// A press that was meant for one order never answers another, nor one that has only just come up.
addEventListener('submit', (event) => {
  if (event.target.closest('.peek') && (!agree() || moved && performance.now() - moved < 1500)) event.preventDefault();
}, true);

// The stream says that something changed. It is open only while somebody may look: not in a hidden window, and not
// half an hour after the last touch, so that a session may end.
let heard = '';

function live(el) {
  let source, touched = Date.now(), retry;
  const show = (state) => { el.hidden = false; el.dataset.state = state; el.textContent = el.dataset[state]; };
  const close = () => { clearTimeout(retry); source?.close(); source = null; };
  const open = () => {
    if (source || document.hidden || Date.now() - touched > 1800000) return;
    source = new EventSource(`${el.dataset.live}?after=${encodeURIComponent(heard)}`);
    source.onopen = () => show('fresh');
    source.onerror = () => {
      show('stale');
      if (source.readyState !== EventSource.CLOSED) return;
      close();
      retry = setTimeout(open, 20000);
    };
    source.addEventListener('queue', (event) => { heard = event.lastEventId; later(200); });
  };
  heard = el.dataset.after;
  document.addEventListener('visibilitychange', () => document.hidden ? close() : (touched = Date.now(), open()));
  addEventListener('pagehide', close);
  for (const kind of ['pointerdown', 'keydown', 'pageshow']) addEventListener(kind, () => { touched = Date.now(); open(); });
  setInterval(() => {
    if (source && Date.now() - touched > 1800000) { close(); show('stale'); }
    if (source) later(0); // clocks run on without a change
  }, 60000);
  open();
}
document.querySelectorAll('[data-live]').forEach(live);
