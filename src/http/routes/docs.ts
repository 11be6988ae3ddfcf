/** `GET /docs`: the guides and references of the repository, as pages that were rendered when the page was built. */
import { GatewayError } from '../../core/errors.ts';
import { builtFile, notBuiltPage } from '../pages/built-files.ts';
import { PAGES } from '../pages/docs-pages.ts';
import type { Handler, HttpParts } from '../parts.ts';

const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
} as const;

type BasePath = Pick<HttpParts, 'basePath'>;

/** They hold no data, so they need no key. */
export const docsIndex =
  ({ basePath }: BasePath): Handler =>
  async () =>
    await page('index', basePath);

export const docsStyle: Handler = async () =>
  new Response(await textOf('style.css'), {
    headers: { ...HEADERS, 'content-type': 'text/css; charset=utf-8' },
  });

/** `GET /docs/{page}`: the name chooses among known files and is never a path. */
export const docsPage =
  ({ basePath }: BasePath): Handler =>
  async (context) => {
    const slug = context.req.path.replace(/^\/docs\//, '').replace(/\/$/, '');
    if (!PAGES.some((one) => one.slug === slug))
      throw new GatewayError('caller_not_found', 'There is no such page. GET /docs lists them.');
    return await page(slug, basePath);
  };

/** Addresses of this gateway are written from its root; a proxy may show it below a path. */
async function page(name: string, basePath: string): Promise<Response> {
  const html = await textOf(`${name}.html`);
  if (html === undefined) return new Response(NOT_BUILT, { status: 503, headers: HEADERS });
  return new Response(html.replaceAll('href="/', `href="${basePath}/`), { headers: HEADERS });
}

/** Undefined where it was not built. */
const textOf = async (name: string): Promise<string | undefined> =>
  (await builtFile('docs', name))?.toString('utf8');

const NOT_BUILT = notBuiltPage(
  'The documentation is',
  'It can be read in <code>src/docs</code>, too.',
);
