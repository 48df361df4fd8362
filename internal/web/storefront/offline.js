// Stands between the shop and the network. It keeps one page, which has no price in it, and shows it when a
// page cannot be got. Everything else goes to the network as if this were not here: nothing old is served.
addEventListener('install', (event) => event.waitUntil(caches.open(keep.version)
  .then((box) => box.addAll([keep.page, ...keep.files].map((url) => new Request(url, { cache: 'reload' }))))
  .then(() => skipWaiting())));

addEventListener('activate', (event) => event.waitUntil(caches.keys()
  .then((names) => Promise.all(names.filter((name) => name.startsWith(keep.shop) && name !== keep.version).map((name) => caches.delete(name))))
  .then(() => clients.claim())));

// Forms are left alone: where one was sent from is checked on the other side, and must stay what it was.
addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET') return;
  if (request.mode === 'navigate') event.respondWith(fetch(request).catch(() => caches.match(keep.page)));
  else if (keep.files.includes(new URL(request.url).pathname)) event.respondWith(caches.match(request).then((hit) => hit ?? fetch(request)));
});
