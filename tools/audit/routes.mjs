// What pages there are: the server's own list of routes, and which of them an address belongs to.

// Reads of these are no pages for people, only answer with a redirect after the card page, or stand before a
// screen that nobody used for a quarter of an hour.
const notPages = [/^\/api\//, /\.ics$/, /\.(xml|txt|webmanifest|png|svg|js|css|csv|json|zip)$/, /\/pdf$/, /^\/evidence-key$/, /\/:(file|look|photo|part)$/, /^\/dealer\/events$/, /^\/calendar\//, /\/:(token|desk)\/events$/, /\/(paid|unpaid)$/, /^\/login\/unlock$/];

// routes answers all routes, and those that are pages.
export async function routes(admin) {
  const answer = await fetch(`${admin}/routes`);
  if (!answer.ok) throw new Error(`the admin address answers ${answer.status} for the list of routes`);
  const all = await answer.json();
  // A route with more words that are its own wins over one with parameters.
  const weight = (r) => r.path.split('/').map((s) => (s.startsWith(':') ? '1' : '0')).join('');
  all.sort((a, b) => weight(a).localeCompare(weight(b)));
  return { all, pages: all.filter((r) => r.method === 'GET' && !notPages.some((x) => x.test(r.path))) };
}

export function routeOf(all, pathname) {
  const parts = pathname.split('/');
  return all.find((r) => {
    const want = r.path.split('/');
    return want.length === parts.length && want.every((w, i) => (w.startsWith(':') ? parts[i] !== '' : w === parts[i]));
  })?.path;
}
