/** `GET /`: where a person who opens the address finds what there is. */
import type { Handler, HttpParts } from '../parts.ts';

const LINKS = [
  ['/dashboard', 'Dashboard', 'requests, cost and why each went where'],
  ['/docs', 'Documentation', 'guides and references'],
  ['/readyz', 'Upstreams', 'which of them are up'],
] as const;

/** With the style of the pages under `/docs`. */
const pageUnder = (base: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Smallfirst</title>
<link rel="stylesheet" href="${base}/docs/style.css">
</head>
<body>
<div class="columns">
<nav></nav>
<main>
<h1>Smallfirst</h1>
<p>An OpenAI-compatible gateway. Clients use the base URL <code>/v1</code> of this address.</p>
<ul>
${LINKS.map(([path, title, about]) => `<li><a href="${base}${path}">${title}</a>: ${about}</li>`).join('\n')}
</ul>
</main>
</div>
</body>
</html>
`;

/** Holds no data, so it needs no key. */
export const root =
  ({ basePath }: Pick<HttpParts, 'basePath'>): Handler =>
  () =>
    new Response(pageUnder(basePath), {
      headers: {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy':
          "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'",
        'x-content-type-options': 'nosniff',
      },
    });
