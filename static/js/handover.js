// A handover in a hall without reception: what was ticked, typed and photographed is kept on this phone, also when the
// page is loaded again, and is sent once when the connection is back. Sent twice it would still happen once: the draft
// keeps its form's key and the server's signature. Without this file the form is sent like any other.

const form = document.querySelector('form[data-keep]');
const place = location.pathname;
const oldest = 3600000;
const box = 'handover'; // as in worker.js
let sending, again, last = Promise.resolve();

// One thing after the other: what is forgotten now must not be kept by what was asked before.
const store = (mode, act) => last = last.catch(() => {}).then(() => new Promise((done, fail) => {
  const open = indexedDB.open(box, 1);
  open.onupgradeneeded = () => open.result.createObjectStore('drafts');
  open.onerror = () => fail(open.error);
  open.onsuccess = () => {
    const db = open.result, t = db.transaction('drafts', mode), r = act(t.objectStore('drafts'));
    t.oncomplete = () => { db.close(); done(r?.result); };
    t.onabort = () => { db.close(); fail(t.error); };
  };
}));
const quietly = (work) => work.catch(() => {}); // a browser that keeps nothing still sends

const keep = (waits) => quietly(store('readwrite', (s) => s.put({ at: Date.now(), waits, fields: [...new FormData(form)] }, place)));
async function forget() {
  await quietly(store('readwrite', (s) => s.delete(place)));
  await quietly(caches.open(box).then((b) => b.delete(place)));
}

// What was kept for too long, of whatever car, is nobody's any more.
async function draft() {
  const young = await quietly(store('readwrite', (s) => {
    s.openCursor().onsuccess = ({ target: { result: c } }) => {
      if (!c) return;
      if (!(Date.now() - c.value.at < oldest)) c.delete();
      c.continue();
    };
    return s.get(place);
  }));
  return young && Date.now() - young.at < oldest ? young : null;
}

function restore(fields) {
  const values = (name) => fields.filter(([n]) => n === name).map(([, v]) => v);
  for (const el of form.elements) {
    const kept = values(el.name);
    if (!el.name) continue;
    if (el.type === 'checkbox') el.checked = kept.includes(el.value);
    else if (el.type === 'file') {
      const files = new DataTransfer();
      for (const f of kept) if (f.size) files.items.add(f);
      el.files = files.files;
    } else if (kept.length) el.value = kept[0];
  }
  // What is not as usual must be seen.
  for (const d of form.querySelectorAll('details')) {
    d.open ||= [...d.querySelectorAll('input, textarea')].some((el) => el.value !== el.defaultValue || el.checked !== el.defaultChecked);
  }
}

function say(words) {
  const note = form.querySelector('[data-note]');
  note.hidden = !words;
  note.textContent = words ?? '';
}

async function send() {
  if (sending) return;
  clearTimeout(again);
  sending = true;
  const button = form.querySelector('.main');
  button.setAttribute('aria-busy', 'true');
  await keep(true);
  let answer;
  try {
    if (navigator.onLine) answer = await fetch(form.action, { method: 'POST', body: new FormData(form), headers: { Accept: 'text/html' } });
  } catch { /* no connection */ }
  sending = false;
  if (answer?.redirected && new URL(answer.url).pathname.startsWith('/dealer/orders/')) {
    await forget();
    return location.replace(answer.url);
  }
  if (answer?.redirected || answer?.status === 401) return location.reload(); // signed out: the draft waits for the one who began it
  if (answer && answer.status < 500) { // refused: the server's own page says why, and nothing was done
    await forget();
    return form.submit();
  }
  button.removeAttribute('aria-busy');
  say(form.dataset.keep);
  again = setTimeout(send, 10000);
}

// The page itself is kept beside the draft, for this phone alone: worker.js shows it when it is loaded again without a
// connection. The first visit has no worker yet that could have seen it.
async function stay() {
  await navigator.serviceWorker.register('/dealer/worker.js', { scope: '/dealer/orders/' });
  const b = await caches.open(box);
  const files = [...document.querySelectorAll('link[rel=stylesheet], link[rel=icon], script[src]')].map((el) => el.href || el.src);
  const icons = [...document.querySelectorAll('use')].map((el) => new URL(el.getAttribute('href'), location).href.split('#')[0]);
  await Promise.all([...new Set([...files, ...icons])].filter((url) => new URL(url).pathname.startsWith('/static/')).map(async (url) => await b.match(url) || b.add(url)));
  if (await b.match(place)) return;
  const page = await fetch(location.href, { headers: { Accept: 'text/html' } });
  if (!page.ok || page.redirected) return;
  const head = new Headers(page.headers);
  head.set('X-Kept', Date.now());
  await b.put(place, new Response(await page.blob(), { headers: head }));
}

if (form) {
  const kept = await draft();
  if (kept) restore(kept.fields);
  form.addEventListener('input', () => keep(false));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    event.stopPropagation(); // the page's own rule is to refuse what cannot be sent now
    send();
  });
  addEventListener('online', async () => (await draft())?.waits && send());
  if (kept?.waits) send();
  if (navigator.serviceWorker) quietly(stay());
} else forget();
