// A handover in a hall without reception: what was ticked and typed is kept on this phone, and is sent once when the
// connection is back. Sent twice it would still happen once, because the draft keeps its form's key. Without this file
// the form is sent like any other.

const form = document.querySelector('form[data-keep]');
const place = `handover ${location.pathname}`;
const keeps = navigator.cookieEnabled; // else the browser keeps nothing, and asking would throw
const oldest = 3600000;
let sending, again;

function draft() {
  if (!keeps) return null;
  try {
    const kept = JSON.parse(localStorage.getItem(place));
    return kept && Date.now() - kept.at < oldest ? kept : null;
  } catch { return null; }
}
const keep = (waits) => keeps && localStorage.setItem(place, JSON.stringify({ at: Date.now(), waits, fields: [...new FormData(form)] }));
const forget = () => keeps && localStorage.removeItem(place);

function restore(fields) {
  const values = (name) => fields.filter(([n]) => n === name).map(([, v]) => v);
  for (const el of form.elements) {
    if (!el.name) continue;
    if (el.type === 'checkbox') el.checked = values(el.name).includes(el.value);
    else if (values(el.name).length) el.value = values(el.name)[0];
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
  keep(true);
  const button = form.querySelector('.main');
  button.setAttribute('aria-busy', 'true');
  let answer;
  try {
    if (navigator.onLine) answer = await fetch(form.action, { method: 'POST', body: new URLSearchParams(new FormData(form)), headers: { Accept: 'text/html' } });
  } catch { /* no connection */ }
  sending = false;
  if (answer?.ok && answer.redirected) {
    forget();
    return location.replace(answer.url);
  }
  if (answer && answer.status < 500) { // refused: the server's own page says why, and nothing was done
    forget();
    return form.submit();
  }
  button.removeAttribute('aria-busy');
  say(form.dataset.keep);
  again = setTimeout(send, 10000);
}

// What was kept for too long, of whatever car, is nobody's any more.
function sweep() {
  for (const name of Object.keys(localStorage)) {
    if (name.startsWith('handover ') && !(Date.now() - JSON.parse(localStorage.getItem(name))?.at < oldest)) localStorage.removeItem(name);
  }
}

if (keeps) sweep();
if (form) {
  const kept = draft();
  if (kept) restore(kept.fields);
  form.addEventListener('input', () => keep(false));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    event.stopPropagation(); // the page's own rule is to refuse what cannot be sent now
    send();
  });
  addEventListener('online', () => draft()?.waits && send());
  if (kept?.waits) send();
} else forget();
