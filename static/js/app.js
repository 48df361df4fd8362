// Everything here is comfort. Each page works without this file; no page may rely on it.

// After a refused form the reader starts at the summary of what is wrong.
const greet = () => document.querySelector('.errors')?.focus();

// A form is sent once. The button is switched off after the browser has collected the fields, so that its
// own name and value still travel; the page coming back from the cache, or ten quiet seconds, free it again.
// Sending twice does no harm: a form's key makes it one act.
const busy = new Map();

function free(form) {
  const { button, words } = busy.get(form);
  busy.delete(form);
  button.removeAttribute('aria-busy');
  button.disabled = false;
  if (words) button.replaceChildren(...words);
}

addEventListener('submit', (event) => {
  const form = event.target, button = event.submitter;
  if (form.method !== 'post' || !button || event.defaultPrevented) return;
  if (busy.has(form)) return event.preventDefault();
  if (!navigator.onLine) {
    event.preventDefault();
    return tell(document.body.dataset.lost);
  }
  const words = button.dataset.busy && [...button.childNodes];
  busy.set(form, { button, words });
  setTimeout(() => {
    button.setAttribute('aria-busy', 'true');
    button.disabled = true;
    if (words) button.replaceChildren(button.dataset.busy);
  });
  setTimeout(() => {
    if (!busy.has(form)) return;
    free(form);
    if (form.elements.form_key) tell(document.body.dataset.slow);
  }, 10000);
});
addEventListener('pageshow', (event) => event.persisted && [...busy.keys()].forEach(free));

// The dealer just chosen is no fallback for himself: he is not offered among them.
const unlist = () => {
  const chosen = document.querySelector('#dealer input[name=dealer]:checked')?.value;
  for (const box of document.querySelectorAll('#fallback input[name=fallback]')) {
    box.disabled = box.closest('label').hidden = box.value === chosen;
  }
};
addEventListener('change', (event) => event.target.name === 'dealer' && unlist());
addEventListener('pageshow', unlist);

// A link with data-swap="key", or a button of a form with data-swap, fetches its own URL and changes only
// #main, keeping the place and the focus: at what the selector finds in the new page. Whatever is unusual
// (another page, an error) becomes a plain navigation. Without a connection the page stays as it is and says so.
let underway;

async function swap(url, clicked, selector, push) {
  underway?.abort();
  const mine = underway = new AbortController();
  const main = document.querySelector('#main');
  main.setAttribute('aria-busy', 'true');
  let answer, text;
  try {
    answer = await fetch(url, { signal: mine.signal, headers: { Accept: 'text/html' } });
    text = await answer.text();
  } catch (failure) {
    if (failure.name === 'AbortError') return;
    main.removeAttribute('aria-busy');
    if (!push) return location.assign(url); // the address has moved already
    return tell(document.body.dataset.lost);
  }
  try {
    const page = new DOMParser().parseFromString(text, 'text/html');
    const next = page.querySelector('#main');
    if (!answer.ok || !next || page.documentElement.lang !== document.documentElement.lang || new URL(answer.url).pathname !== new URL(url).pathname) throw new Error('not the same page');
    const stood = clicked?.isConnected && clicked.getBoundingClientRect().top;
    const open = [...main.querySelectorAll('details[open][id]')].map((d) => d.id);
    if (push) {
      history.replaceState({ swap: true }, '');
      history.pushState({ swap: true }, '', answer.url);
    }
    document.title = page.title;
    main.replaceWith(next);
    const [links, fresh] = [document, page].map((d) => d.querySelector('#languages')); // they lead to this very page
    if (fresh) links?.replaceWith(fresh);
    for (const id of open) document.getElementById(id)?.setAttribute('open', '');
    next.tabIndex = -1;
    const found = selector && next.querySelector(selector);
    if (found?.tabIndex < 0) found.tabIndex = -1;
    (found || next).focus({ preventScroll: true });
    // What was clicked stays where it stood, whatever unfolded above it.
    if (found && Number.isFinite(stood)) scrollBy({ top: found.getBoundingClientRect().top - stood, behavior: 'instant' });
    // And what the click did is seen at once, also behind the bar of a phone.
    found?.closest('li')?.querySelector('.changed')?.scrollIntoView({ block: 'nearest', behavior: 'instant' });
    say(next.querySelector('[role=status]')?.textContent);
    start(next);
  } catch {
    location.assign(url);
  }
}

// A live region that was in the page before its words are the only kind every screen reader speaks.
function say(words, seen, more = []) {
  let live = document.querySelector('#live');
  if (!live) {
    live = Object.assign(document.createElement('p'), { id: 'live', className: 'vh' });
    live.setAttribute('aria-live', 'polite');
    document.body.append(live);
  }
  live.classList.toggle('toast', !!seen);
  live.classList.toggle('vh', !seen);
  setTimeout(() => live.replaceChildren(...words?.trim() ? [words.trim(), ...more] : []), 60);
}

// tell says something to everybody: it stands at the foot of the screen until the next thing is said, the
// connection is back, Escape or a tap on it.
const tell = (words, more) => say(words, true, more);
const hush = () => document.querySelector('#live.toast') && say('');
addEventListener('online', hush);
addEventListener('click', (event) => event.target.id === 'live' && hush());
addEventListener('keydown', (event) => event.key === 'Escape' && hush());

addEventListener('click', (event) => {
  const link = event.target.closest('a[data-swap]');
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  swap(link.href, link, `[data-swap="${CSS.escape(link.dataset.swap)}"]`, true);
});
addEventListener('submit', (event) => {
  const form = event.target, button = event.submitter;
  if (!form.matches('[data-swap]') || !button || event.defaultPrevented) return;
  event.preventDefault();
  const url = new URL(button.hasAttribute('formaction') ? button.formAction : form.action), fields = new FormData(form);
  fields.set(button.name, button.value);
  url.search = new URLSearchParams(fields);
  swap(url.href, button, `${url.hash} :is(button, .choice)`, true); // what is taken for good is no button any more
});
addEventListener('popstate', (event) => event.state?.swap && swap(location.href, null, '', false));

// The price of the configurator's bar covers the page while it is open; Escape folds it away.
addEventListener('keydown', (event) => {
  const price = event.key === 'Escape' && document.querySelector('.bar details[open]');
  if (!price) return;
  price.open = false;
  price.querySelector('summary').focus();
});

// "Use my position" stays hidden where the browser has none. The place is rounded to about 100 m.
function locate(button) {
  const form = button.form ?? button.closest('form');
  navigator.geolocation.getCurrentPosition(({ coords }) => {
    form.elements.lat.value = coords.latitude.toFixed(3);
    form.elements.lon.value = coords.longitude.toFixed(3);
    form.requestSubmit();
  }, () => {
    button.disabled = false;
    say(button.dataset.failed);
    if (button.dataset.failed) button.replaceChildren(button.dataset.failed);
  }, { timeout: 8000, maximumAge: 600000 });
}

// Time that runs out is told five minutes before, a session ten; one press keeps it. Without script the page
// says when it ends, and any page that is opened keeps the session.
function clock(el) {
  const { left, soon, stay, stays, over } = el.dataset;
  const keep = Object.assign(document.createElement('button'), { type: 'button', className: 'btn', textContent: stay });
  keep.addEventListener('click', async () => {
    const answer = await fetch(location.href, { method: 'HEAD', redirect: 'manual' }).catch(() => null);
    if (answer?.ok) clock(el);
    tell(answer ? answer.ok ? stays : over : document.body.dataset.lost);
  });
  setTimeout(() => tell(soon, stay ? [' ', keep] : []), Math.max(0, left - (stay ? 600 : 300)) * 1000);
}

function start(root) {
  for (const el of root.querySelectorAll('[data-left]')) clock(el);
  for (const button of root.querySelectorAll('[data-locate]')) {
    if (!navigator.geolocation) continue;
    button.hidden = false;
    button.addEventListener('click', () => { button.disabled = true; locate(button); });
  }
  for (const button of root.querySelectorAll('[data-print]')) {
    button.hidden = false;
    button.addEventListener('click', () => print());
  }
}

greet();
start(document);

// A shop keeps one page for when there is no connection.
const shop = document.querySelector('link[rel=manifest]')?.getAttribute('href').replace(/\/[^/]*$/, '');
if (shop) navigator.serviceWorker?.register(`${shop}/worker.js`, { scope: shop }).catch(() => {});
