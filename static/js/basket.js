// Comfort for a basket that two people look at: it changes by itself. Without it a reload shows the same.

const box = () => document.querySelector('#basket');
let asking;

// The page is asked for again; what is being typed or pressed is never pulled away.
async function refresh() {
  const old = box();
  if (document.hidden || !old || old.querySelector('[aria-busy]')) return;
  asking?.abort();
  const mine = asking = new AbortController();
  let page;
  try {
    const answer = await fetch(location.href, { signal: mine.signal, headers: { Accept: 'text/html', 'X-Refresh': '1' } });
    if (answer.redirected || answer.status === 410) return location.reload(); // ordered, signed out or closed
    if (!answer.ok) return;
    page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  } catch { return; } // no connection: the page stays as it is
  const fresh = page.querySelector('#basket');
  if (mine.signal.aborted || !fresh) return;
  const said = (el) => el.textContent.replace(/\s+/g, ' ');
  if (said(fresh) === said(old)) return;
  const held = old.contains(document.activeElement) && document.activeElement;
  old.replaceWith(fresh);
  if (held) [...fresh.querySelectorAll('a, button, input')].find((el) => el.name === held.name && el.value === held.value && el.getAttribute('href') === held.getAttribute('href'))?.focus({ preventScroll: true });
  if (fresh.dataset.last !== old.dataset.last) document.querySelector('#said').textContent = fresh.dataset.last;
}

let source, retry;
const close = () => { clearTimeout(retry); source?.close(); source = null; };
function open() {
  const url = box()?.dataset.live;
  if (source || document.hidden || !url) return;
  source = new EventSource(url);
  source.onopen = () => setTimeout(refresh, 200); // what happened before it was open
  source.addEventListener('basket', () => setTimeout(refresh, 200));
  source.onerror = () => {
    if (source.readyState !== EventSource.CLOSED) return;
    close();
    retry = setTimeout(() => { refresh(); open(); }, 20000);
  };
}
document.addEventListener('visibilitychange', () => document.hidden ? close() : open());
addEventListener('pagehide', close);
addEventListener('pageshow', open);
open();
