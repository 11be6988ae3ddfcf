/** `GET /`: where a person who opens the address finds what there is. */
import type { Handler } from '../parts.ts';

const LINKS = [
  ['/dashboard', 'Dashboard', 'requests, cost and why each went where'],
  ['/docs', 'Documentation', 'guides and references'],
  ['/readyz', 'Upstreams', 'which of them are up'],
] as const;

const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Smallfirst</title>
<h1>Smallfirst</h1>
<p>An OpenAI-compatible gateway. Clients use the base URL <code>/v1</code> of this address.</p>
<ul>
${LINKS.map(([path, title, about]) => `<li><a href="${path.slice(1)}">${title}</a>: ${about}</li>`).join('\n')}
</ul>
</html>
`;

/** Holds no data, so it needs no key. */
export const root: Handler = () =>
  new Response(PAGE, {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
      'x-content-type-options': 'nosniff',
    },
  });
