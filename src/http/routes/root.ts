/** `GET /`: where a person who opens the address finds what there is. */
import type { Handler, HttpParts } from '../parts.ts';

const LINKS = [
  ['/dashboard', 'Dashboard', 'requests, cost and why each went where'],
  ['/docs', 'Documentation', 'guides and references'],
  ['/readyz', 'Upstreams', 'which of them are up'],
] as const;

const pageUnder = (base: string): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Smallfirst</title>
<h1>Smallfirst</h1>
<p>An OpenAI-compatible gateway. Clients use the base URL <code>/v1</code> of this address.</p>
<ul>
${LINKS.map(([path, title, about]) => `<li><a href="${base}${path}">${title}</a>: ${about}</li>`).join('\n')}
</ul>
</html>
`;

/** Holds no data, so it needs no key. */
export const root =
  ({ basePath }: Pick<HttpParts, 'basePath'>): Handler =>
  () =>
    new Response(pageUnder(basePath), {
      headers: {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
        'x-content-type-options': 'nosniff',
      },
    });
