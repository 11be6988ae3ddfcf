/**
 * Normalises a request target before a route is matched. A base URL with a trailing slash, a doubled `/v1` or an escaped letter
 * must not turn a chat into an unknown path that is forwarded unread.
 */
import { GatewayError } from '../core/errors.ts';

/** Routes without a name from the caller, so that their case has no meaning. */
const FIXED: ReadonlySet<string> = new Set([
  '/v1/chat/completions',
  '/v1/completions',
  '/v1/embeddings',
  '/v1/responses',
  '/v1/responses/input_tokens',
  '/v1/messages',
  '/v1/messages/count_tokens',
  '/v1/models',
  '/v1/key',
  '/v1/route',
  '/v1/feedback',
]);

/** What an SDK asks below its base URL: read without `/v1` in front, too, as many leave it out. */
const BELOW_BASE: ReadonlySet<string> = new Set(
  [...FIXED].map((path) => path.slice('/v1/'.length)).filter((path) => !isOurOwn(path)),
);

/** RFC 3986, section 2.3: these mean the same escaped or not. */
const UNRESERVED = /%(?:2[de]|3\d|4[1-9a-f]|5[0-9af]|6[1-9a-f]|7[0-9ae])/gi;

/**
 * The same target with one slash between segments, no `.` or `..`, no slash at the end, a single `/v1` in front, and
 * unreserved characters unescaped (RFC 3986, section 6.2.2). A fixed route is written in lower case. The query stays. What clients of
 * Azure, Groq and OpenRouter put in front (`/openai/deployments/{model}`, `/openai/v1`, `/api/v1`), or leave out, is `/v1` here.
 */
export function canonicalUrl(url: string): string {
  if (FIXED.has(url)) return url;
  const mark = url.search(/[?#]/);
  const path = mark === -1 ? url : url.slice(0, mark);
  const query = mark === -1 ? '' : url.slice(mark).replace(/#.*$/, '');
  const segments = segmentsOf(path);
  const below = belowV1(segments);
  return written(below) + (below === segments ? query : withoutVersion(query));
}

const ABSOLUTE = /^https?:\/\/([^/?#@\\]+)([/?#].*)?$/i;

/**
 * The target and the host of a request whose target is a whole URL, as clients write it that take this server for a proxy
 * (RFC 9112, 3.2.2): its host counts, not the header's. Undefined for any other form.
 */
export function absoluteForm(
  target: string,
): { readonly url: string; readonly host: string } | undefined {
  if (target.startsWith('/')) return undefined;
  const [, host, rest = ''] = ABSOLUTE.exec(target) ?? [];
  return host === undefined ? undefined : { host, url: rest.startsWith('/') ? rest : `/${rest}` };
}

function segmentsOf(path: string): readonly string[] {
  const unescaped = path.replace(UNRESERVED, (escape) =>
    String.fromCharCode(Number.parseInt(escape.slice(1), 16)),
  );
  const segments: string[] = [];
  for (const segment of unescaped.replaceAll('\\', '/').split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(segment);
  }
  return withOneV1(segments);
}

function withOneV1(segments: readonly string[]): readonly string[] {
  if (!isV1(segments[0])) return segments;
  const rest = segments.findIndex((segment) => !isV1(segment));
  return ['v1', ...(rest === -1 ? [] : segments.slice(rest))];
}

/** Without what another provider's base URL has in front of `/v1`. */
const withoutOthers = (segments: readonly string[]): readonly string[] =>
  isOthers(segments[0]) && isV1(segments[1]) ? withOneV1(segments.slice(1)) : segments;

/** The same segments where they begin as ours do. */
function belowV1(given: readonly string[]): readonly string[] {
  const segments = withoutOthers(given);
  const first = segments[0]?.toLowerCase();
  const isAzures = first === 'openai' && segments.length > 1;
  const rest = isAzures || first === 'v1' ? segments.slice(1) : segments;
  // Azure's name for OpenAI's first form of a route, which has the model in its path.
  if (rest.length > 2 && rest[0]?.toLowerCase() === 'deployments')
    return ['v1', 'engines', ...rest.slice(1)];
  const isBare = rest === segments && BELOW_BASE.has(rest.join('/').toLowerCase());
  return isAzures || isBare ? ['v1', ...rest] : segments;
}

/** Of OpenRouter's and of Groq's base URL. */
const isOthers = (first: string | undefined): boolean => /^(?:api|openai)$/i.test(first ?? '');

/** Azure's clients say which version of its API they speak: no word of a path that is not Azure's. */
function withoutVersion(query: string): string {
  const left = query
    .slice(1)
    .split('&')
    .filter((one) => !/^(?:api-version=|$)/i.test(one));
  return left.length === 0 ? '' : `?${left.join('&')}`;
}

function written(segments: readonly string[]): string {
  const joined = `/${segments.join('/')}`;
  const lower = joined.toLowerCase();
  return FIXED.has(lower) ? lower : joined;
}

/** Routes of this gateway alone, of which no SDK asks. */
function isOurOwn(path: string): boolean {
  return path === 'key' || path === 'route' || path === 'feedback';
}

const isV1 = (segment: string | undefined): boolean => segment?.toLowerCase() === 'v1';

/** @throws GatewayError `caller_invalid` for an escape that stands for no character (`%E0%A4%A`, `%zz`) */
export function refuseBadEscape(url: string): void {
  if (!url.includes('%')) return;
  try {
    decodeURIComponent(url.split('?', 1)[0] ?? '');
  } catch (cause) {
    throw new GatewayError(
      'caller_invalid',
      'The URL has a percent escape that stands for no character. Encode names with encodeURIComponent.',
      { cause, wireCode: 'invalid_url' },
    );
  }
}

/**
 * A path that climbs, however it is written, would reach what nobody configured. Decoded until nothing changes, since
 * servers and proxies behind decode as often as they like.
 * @throws GatewayError `caller_invalid`
 */
export function refuseClimbing(url: string): void {
  let path = url.split('?', 1)[0] ?? '';
  if (!/%|\\|\.\./.test(path)) return;
  for (let round = 0; round < MOST_ESCAPES && path.includes('%'); round++)
    path = path.replaceAll(/%([\da-f]{2})/gi, (_, code: string) =>
      String.fromCharCode(Number.parseInt(code, 16)),
    );
  const climbs = path.split(/[/\\]/).some((segment) => /^\s*\.{2,}\s*(?:;|\0|$)/.test(segment));
  if (!climbs) return;
  throw new GatewayError(
    'caller_invalid',
    "The path of the URL climbs ('..', also as %2e). Name the route itself.",
    { wireCode: 'invalid_url' },
  );
}

/** Nested escapes; no real path has more. */
const MOST_ESCAPES = 8;

/** True for an unknown path that ends like a route that reads its body: a chat that would be forwarded unread. */
export const looksLikeOurs = (path: string): boolean =>
  /\/(?:completions|embeddings|responses|messages\/(?:count_tokens|batches))$/i.test(path);
