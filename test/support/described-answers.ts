/**
 * Holds every JSON answer that a test's `fetch` gets from a whole gateway against the schemas that `/openapi.json` is made of: what is
 * answered and what is described can only be changed together.
 */
import { z } from 'zod';
import type { RunningGateway } from '../../src/app.ts';
import { canonicalUrl } from '../../src/http/canonical-url.ts';
import type { DescribedRoute } from '../../src/http/openapi/described-route.ts';
import { ROUTES } from '../../src/http/openapi/routes.ts';

/** OpenAI's error, or Anthropic's, where its API is spoken. */
export const errorShape = z.union([
  z.looseObject({
    error: z.looseObject({
      message: z.string(),
      type: z.string(),
      param: z.string().nullable(),
      code: z.string().nullable(),
    }),
  }),
  z.looseObject({
    type: z.literal('error'),
    error: z.looseObject({ type: z.string(), message: z.string() }),
  }),
]);

interface Seen {
  readonly basePath: string;
  readonly pending: Promise<void>[];
  readonly wrong: string[];
}

/** By the origin of each gateway that is watched. */
const watched = new Map<string, Seen>();

/** Answers of this gateway from now on. The result, asked when the gateway is closed, has a line for each that is not as described. */
export function watchAnswers({
  url,
  basePath,
}: Pick<RunningGateway, 'url' | 'basePath'>): () => Promise<readonly string[]> {
  install();
  const seen: Seen = { basePath, pending: [], wrong: [] };
  const { origin } = new URL(url);
  watched.set(origin, seen);
  return async () => {
    watched.delete(origin);
    await Promise.allSettled(seen.pending);
    return seen.wrong;
  };
}

let isInstalled = false;

function install(): void {
  if (isInstalled) return;
  isInstalled = true;
  const plain = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    const answer = await plain(input, init);
    if (!URL.canParse(answer.url)) return answer;
    const url = new URL(answer.url);
    const seen = watched.get(url.origin);
    const isJson = answer.headers.get('content-type')?.startsWith('application/json') === true;
    if (seen === undefined || !isJson || answer.body === null) return answer;
    const method = (init?.method ?? 'GET').toLowerCase();
    const isBelow = url.pathname.startsWith(`${seen.basePath}/`);
    const path = canonicalUrl(isBelow ? url.pathname.slice(seen.basePath.length) : url.pathname);
    seen.pending.push(look({ method, path, answer: answer.clone() }, seen));
    return answer;
  };
}

interface Answered {
  readonly method: string;
  readonly path: string;
  readonly answer: Response;
}

async function look({ method, path, answer }: Answered, { wrong }: Seen): Promise<void> {
  const { status } = answer;
  const route = routeOf(method, path);
  const say = (what: string): void => void wrong.push(`${method} ${path} ${status}: ${what}`);
  const body: unknown = await answer.json();
  if (route === undefined) {
    if (status < 400) say('a route that is not described');
    return;
  }
  const { answer: shape, status: expected = 200 } = route;
  // A carried route's answer is the cloud's.
  if (typeof shape === 'string' || shape === undefined) return;
  if (status >= 400) {
    const isSaid = path === '/readyz' || errorShape.safeParse(body).success;
    if (!isSaid) say(`an error of another shape: ${JSON.stringify(body).slice(0, 200)}`);
    return;
  }
  if (status !== expected) say(`${expected} is described`);
  const read = shape.safeParse(body);
  if (!read.success) say(z.prettifyError(read.error));
}

/** Written out first, then the one with the fewest parameters. */
function routeOf(method: string, path: string): DescribedRoute | undefined {
  const fitting = PATTERNS.filter(
    ({ route, pattern }) => route.method === method && pattern.test(path),
  );
  return fitting.toSorted((a, b) => a.open - b.open)[0]?.route;
}

const PATTERNS = ROUTES.map((route) => {
  const source = route.path
    .replaceAll(/\.(?!\+)/g, '\\.')
    .replaceAll(/:\w+\{([^}]+)\}/g, '($1)')
    .replaceAll(/:\w+/g, '([^/]+)')
    .replace(/\*$/, '(.*)');
  const isCarried = route.path.includes('{.+}');
  const open = isCarried ? 9 : (route.path.match(/:|\*/g)?.length ?? 0);
  return { route, pattern: new RegExp(`^${source}/?$`), open };
});
