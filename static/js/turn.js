// A car's pictures around it as a turntable: buttons, arrow keys or a finger turn the large picture from one to the next. Without
// this file they are a row of pictures with their words.

for (const box of document.querySelectorAll('[data-turn]')) {
  const views = [...box.querySelectorAll('li')], bar = box.querySelector('[data-turn-bar]'), said = box.querySelector('[data-turn-said]');
  const stage = box.previousElementSibling, large = stage.querySelector('img');
  let now = views.findIndex((v) => v.querySelector('a').href === stage.href);
  const show = (n) => {
    now = (n + views.length) % views.length;
    const from = views[now].querySelector('img');
    stage.href = views[now].querySelector('a').href;
    large.alt = from.alt;
    large.srcset = from.srcset;
    large.src = from.src;
    said.textContent = views[now].dataset.said;
  };
  said.textContent = views[now]?.dataset.said ?? '';
  bar.hidden = false;
  bar.addEventListener('click', (e) => {
    const by = e.target.closest('[data-by]')?.dataset.by;
    if (by) show(now + Number(by));
  });
  const keys = (e) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[e.key];
    if (!by || e.altKey || e.ctrlKey || e.metaKey || e.shiftKey) return;
    e.preventDefault();
    show(now + by);
  };
  for (const el of [stage, bar]) el.addEventListener('keydown', keys);
  // A finger that goes sideways turns; up and down it scrolls the page as ever (touch-action in the style).
  let from = null, turned = false;
  stage.addEventListener('pointerdown', (e) => { from = e.clientX; turned = false; });
  stage.addEventListener('pointermove', (e) => {
    const step = from === null || !(e.buttons & 1) ? 0 : Math.trunc((from - e.clientX) / 48);
    if (!step) return;
    from = e.clientX;
    turned = true;
    show(now + step);
  });
  for (const end of ['pointerup', 'pointercancel', 'pointerleave']) stage.addEventListener(end, () => { from = null; });
  stage.addEventListener('dragstart', (e) => e.preventDefault());
  stage.addEventListener('click', (e) => { if (turned) e.preventDefault(); });
}
