// Stands between the pages of orders and the network. It shows one kind of page, that of a handover, from this phone's
// own memory when it cannot be got, for an hour at most, and the files which that page needs. Everything else goes to
// the network as if this were not here. Signing out empties it.
const box = 'handover';
const oldest = 3600000;

addEventListener('install', () => skipWaiting());
addEventListener('activate', (event) => event.waitUntil(clients.claim()));

async function page(request, place) {
  const kept = await caches.open(box);
  let answer;
  try {
    answer = await fetch(request);
  } catch (lost) {
    const hit = await kept.match(place);
    if (hit && Date.now() - hit.headers.get('X-Kept') < oldest) return hit;
    throw lost;
  }
  if (!answer.ok) await kept.delete(place);
  else {
    const head = new Headers(answer.headers);
    head.set('X-Kept', Date.now());
    await kept.put(place, new Response(await answer.clone().blob(), { headers: head }));
  }
  return answer;
}

async function sweep() {
  const kept = await caches.open(box);
  for (const request of await kept.keys()) {
    const at = (await kept.match(request)).headers.get('X-Kept');
    if (at && !(Date.now() - at < oldest)) await kept.delete(request);
  }
}

addEventListener('fetch', (event) => {
  const { request } = event, { pathname } = new URL(request.url);
  if (request.method !== 'GET') return;
  if (request.mode === 'navigate') {
    event.waitUntil(sweep());
    if (/^\/dealer\/orders\/[^/]+\/handover$/.test(pathname)) event.respondWith(page(request, pathname));
  } else if (pathname.startsWith('/static/')) {
    event.respondWith(caches.open(box).then((kept) => kept.match(request)).then((hit) => hit ?? fetch(request)));
  }
});
