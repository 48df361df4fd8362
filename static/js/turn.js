// A car's pictures around it as a turntable: one at a time, turned by buttons, arrow keys or a finger. Without this file they are
// a row of pictures with their words.

for (const box of document.querySelectorAll('[data-turn]')) {
  const views = [...box.querySelectorAll('li')], bar = box.querySelector('[data-turn-bar]'), said = box.querySelector('[data-turn-said]');
  let now = 0, from = null;
  const show = (n, tell) => {
    now = (n + views.length) % views.length;
    views.forEach((v, i) => { v.hidden = i !== now; });
    if (tell) said.textContent = views[now].dataset.said;
    for (const step of [1, -1]) { // its neighbours are there when they are turned to
      const img = views[(now + step + views.length) % views.length].querySelector('img');
      img.loading = 'eager';
    }
  };
  for (const v of views) v.querySelector('img').sizes = '(min-width: 60rem) 40rem, 92vw';
  box.classList.add('on');
  bar.hidden = false;
  show(0, true);
  bar.addEventListener('click', (e) => {
    const by = e.target.closest('[data-by]')?.dataset.by;
    if (by) show(now + Number(by), true);
  });
  box.addEventListener('keydown', (e) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[e.key];
    if (!by || e.altKey || e.ctrlKey || e.metaKey || e.shiftKey) return;
    e.preventDefault();
    const inside = e.target.closest('li');
    show(now + by, true);
    if (inside) views[now].querySelector('a').focus();
  });
  // A finger that goes sideways turns; up and down it scrolls the page as ever (touch-action in the style).
  const list = views[0].parentElement;
  let turned = false;
  list.addEventListener('pointerdown', (e) => { from = e.clientX; turned = false; });
  list.addEventListener('pointermove', (e) => {
    if (from === null || !(e.buttons & 1)) return;
    const step = Math.trunc((from - e.clientX) / 48);
    if (!step) return;
    from = e.clientX;
    turned = true;
    show(now + step, true);
  });
  for (const end of ['pointerup', 'pointercancel', 'pointerleave']) list.addEventListener(end, () => { from = null; });
  list.addEventListener('dragstart', (e) => e.preventDefault());
  list.addEventListener('click', (e) => { if (turned) e.preventDefault(); });
}
