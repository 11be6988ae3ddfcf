/** `GET /dashboard`: the built page, static files that call the admin API; they hold no data, so they need no key. */
import { accepts } from 'hono/accepts';
import { own } from '../../lib/own.ts';
import { GatewayError } from '../../core/errors.ts';
import { requireViewer } from '../callers/auth.ts';
import { builtFile, notBuiltPage } from '../pages/built-files.ts';
import type { Handler, HttpParts } from '../parts.ts';

/** Only the page's own files are loaded, no text becomes markup or script, and no page may frame it. */
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
} as const;

/** A view's address: the page itself reads which one it is. */
export const dashboardPage =
  (parts: HttpParts): Handler =>
  async ({ env }) => {
    // In open mode this runs the Host check, which keeps other sites' pages out.
    if (parts.authIsOpen) await requireViewer(env.incoming, parts);
    const built = await builtFile('dashboard', 'index.html');
    const headers = { ...HEADERS, 'content-type': 'text/html; charset=utf-8' };
    if (built === undefined) return new Response(NOT_BUILT, { status: 503, headers });
    // From the root: views have addresses of several depths.
    const page = built
      .toString('utf8')
      .replaceAll('"./assets/', `"${parts.basePath}/dashboard/assets/`);
    return new Response(page, { headers: { ...headers, 'cache-control': 'no-cache' } });
  };

const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
};

/** Ways in which the build has compressed each file, the smallest first. */
const ENDINGS: Readonly<Record<string, string>> = { br: '.br', gzip: '.gz', identity: '' };

/** `GET /dashboard/assets/{name}`: the name changes with the content, so that it is kept for ever. */
export const dashboardAsset =
  (parts: HttpParts): Handler =>
  async (context) => {
    if (parts.authIsOpen) await requireViewer(context.env.incoming, parts);
    const name = context.req.param('name') ?? '';
    const type = own(TYPES, /^[\w-]+\.(\w+)$/.exec(name)?.[1] ?? '');
    const encoding = accepts(context, {
      header: 'Accept-Encoding',
      supports: Object.keys(ENDINGS),
      default: 'identity',
    });
    const bytes =
      type === undefined
        ? undefined
        : await builtFile('dashboard', 'assets', name + (own(ENDINGS, encoding) ?? ''));
    if (type === undefined || bytes === undefined) {
      throw new GatewayError('caller_not_found', 'The page has no such file. Load it again.');
    }
    return new Response(new Uint8Array(bytes), {
      headers: {
        ...HEADERS,
        'content-type': type,
        'cache-control': 'public, max-age=31536000, immutable',
        vary: 'accept-encoding',
        ...(encoding === 'identity' ? {} : { 'content-encoding': encoding }),
      },
    });
  };

const NOT_BUILT = notBuiltPage(
  'The page is',
  'The gateway itself is running, and <code>smallfirst report</code> prints the same figures.',
);

/** `GET /admin/about`: the facts that pages about this gateway show. */
export const about =
  (parts: HttpParts): Handler =>
  async (context) => {
    await requireViewer(context.env.incoming, parts);
    const { ok, detail } = parts.readiness();
    return context.json({ ...parts.about(), ready: ok, detail });
  };
