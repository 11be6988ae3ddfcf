/**
 * Residency: the bytes at the cloud's socket are what was judged, and nothing personal is in them, whatever member it stood in and
 * however the body, the query and the head were written.
 */
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { isObject, type JsonObject } from '../../src/lib/json.ts';
import { membersKept, membersWritten } from '../../src/lib/json-members.ts';
import { codes, marks, scripts, type Form } from '../security/forms.ts';
import { FOUND_STAYS, matrixRoutes } from '../support/residency-matrix.ts';
import { membersIn } from '../support/schema-members.ts';
import type { Sending } from '../support/keep-alive-client.ts';
import { startFuzzedGateway } from './fuzzed-gateway.ts';
import type { FuzzTarget } from './target.ts';

const CARD = '4111 1111 1111 1111';
const MAIL = 'ben.ito@corp.jp';
const AS_IT_IS: Form = { name: 'as it is', write: (value) => value };
/** Forms that were made for numbers, and those for anything. */
const written = fc.oneof(
  fc.constantFrom(...scripts, ...marks, ...codes, AS_IT_IS).map(({ write }) => write(CARD)),
  fc.constantFrom(...codes, AS_IT_IS).map(({ write }) => write(MAIL)),
);
const planted = fc
  .tuple(fc.constantFrom('', 'see ', 'it is '), written, fc.constantFrom('', ' now'))
  .map((parts) => parts.join(''));

const routes = matrixRoutes()
  .filter(({ streams }) => streams)
  .map(({ path, schemas, root }) => ({ path, members: membersIn(schemas, root) }));

const anyCase = fc.record({
  route: fc.nat({ max: routes.length - 1 }),
  member: fc.nat(),
  planted,
  stream: fc.boolean(),
  channel: fc.constantFrom('member', 'member', 'member', 'member', 'duplicate', 'query', 'header', 'media type', 'gzip', 'unknown member', 'nothing'),
  escapeEvery: fc.integer({ min: 0, max: 4 }),
  gap: fc.constantFrom('', ' ', '\n\t'),
}); // prettier-ignore
type Case = typeof anyCase extends fc.Arbitrary<infer T> ? T : never;

/** Letters of names and texts as JSON escapes: other bytes, the same value. */
const escaped = (text: string, every: number): string =>
  every === 0
    ? text
    : text.replaceAll(/[a-z](?=[^"\\]*")/g, (letter, at: number) =>
        at % (every + 3) === 0 && text[at - 1] !== '\\' ? `\\u00${letter.charCodeAt(0).toString(16)}` : letter,
      ); // prettier-ignore

interface Arrived {
  readonly raw: Buffer;
  readonly head: string;
}

/** The request of a case: the value in its member, or in its channel. */
function sendingOf({ route: at, member: place, planted: value, channel, ...how }: Case): Sending {
  const route = routes[at] ?? routes[0]!;
  const member = route.members[place % route.members.length] ?? route.members[0]!;
  const made = IN_A_MEMBER.has(channel) ? member.with(value) : {};
  const given: JsonObject = {
    ...ASKED,
    ...(isObject(made) ? made : {}),
    ...(channel === 'unknown member' ? { x: [{ y: value }] } : {}),
    model: 'cloud/gpt-4o',
    stream: how.stream,
  };
  const json = escaped(JSON.stringify(given, null, how.gap), how.escapeEvery);
  const first = channel === 'duplicate' ? `"metadata":{"a":${JSON.stringify(value)}},` : '';
  const text = `{${first}${json.slice(1)}`;
  return {
    // A half of a pair cannot stand in a URL.
    path:
      channel === 'query'
        ? `${route.path}?x=${encodeURIComponent(value.toWellFormed())}`
        : route.path,
    body: channel === 'gzip' ? gzipSync(text, { level: 1 }) : text,
    headers: headersOf(channel, value),
  };
}

const IN_A_MEMBER = new Set(['member', 'gzip', 'duplicate']);

function headersOf(channel: string, value: string): Readonly<Record<string, string>> {
  if (channel === 'gzip') return { 'content-encoding': 'gzip' };
  if (channel === 'media type') return { 'content-type': `application/json; x="${MAIL}"` };
  return channel === 'header' && /^[ -~]*$/.test(value) ? { 'openai-beta': value } : {};
}

/** @throws Error where the cloud got what was planted, or a member twice, of which it might read another than was judged */
function holdArrived({ raw, head }: Arrived, value: string): void {
  const sent = raw.toString();
  if ((sent + head).includes(value) || /4111|ben\.?ito/.test(sent + head))
    throw new Error(`left: ${head} ${sent}`);
  const parsed: unknown = JSON.parse(sent);
  if (membersWritten(raw) !== membersKept(parsed)) throw new Error(`a member twice: ${sent}`);
}

export const residency: FuzzTarget = {
  name: 'residency',
  run: async (running) => {
    const arrived: Arrived[] = [];
    const gateway = await startFuzzedGateway({
      policy: FOUND_STAYS,
      cloud: {
        behaviour: ({ method, raw, headers, path, query }) => {
          // The gateway looks at the list of models now and then.
          if (method === 'GET') return undefined;
          arrived.push({ raw, head: `${path} ${String(query)} ${JSON.stringify(headers)}` });
          return undefined;
        },
      },
    });
    await gateway.whole.local.close();
    let left = 0;
    await fc.assert(
      fc.asyncProperty(anyCase, async (one) => {
        arrived.length = 0;
        const answer = await gateway.ask(sendingOf(one));
        if (answer.status === 200) left += 1;
        for (const each of arrived) holdArrived(each, one.planted);
      }),
      running,
    );
    await gateway.close();
    // A gateway that lets nothing out would hold all of it.
    if (running.numRuns >= 200 && left < running.numRuns / 100)
      throw new Error(`Only ${left} of ${running.numRuns} requests left.`);
  },
};

/** What each of the routes asks for, and takes no harm from beside it. */
const ASKED: JsonObject = {
  messages: [{ role: 'user', content: 'hello there' }],
  prompt: 'hello there',
  input: 'hello there',
  max_tokens: 9,
};
