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
import { startFuzzedGateway } from './fuzzed-gateway.ts';
import type { FuzzTarget } from './target.ts';

const CARD = '4111 1111 1111 1111';
const MAIL = 'ben.ito@corp.jp';
const AS_IT_IS: Form = { name: 'as it is', write: (value) => value };
/** Forms that were made for numbers, and those for anything. */
const written = fc.oneof(
  fc.constantFrom(...[...scripts, ...marks, ...codes, AS_IT_IS]).map(({ write }) => write(CARD)),
  fc.constantFrom(...[...codes, AS_IT_IS]).map(({ write }) => write(MAIL)),
);
const planted = fc
  .tuple(fc.constantFrom('', 'see ', 'it is '), written, fc.constantFrom('', ' now'))
  .map((parts) => parts.join(''));

const routes = matrixRoutes().filter(({ streams }) => streams).map((route) => ({ ...route, members: membersIn(route.schemas, route.root) })); // prettier-ignore

const anyCase = fc.record({
  route: fc.nat({ max: routes.length - 1 }),
  member: fc.nat(),
  planted,
  stream: fc.boolean(),
  channel: fc.constantFrom('member', 'member', 'member', 'member', 'duplicate', 'query', 'header', 'media type', 'gzip', 'unknown member', 'nothing'),
  escapeEvery: fc.integer({ min: 0, max: 4 }),
  gap: fc.constantFrom('', ' ', '\n\t'),
}); // prettier-ignore

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

export const residency: FuzzTarget = {
  name: 'residency',
  run: async (running) => {
    const arrived: Arrived[] = [];
    const gateway = await startFuzzedGateway({
      policy: FOUND_STAYS,
      cloud: {
        behaviour: ({ raw, headers, path, query }) => {
          arrived.push({ raw, head: `${path} ${query} ${JSON.stringify(headers)}` });
          return undefined;
        },
      },
    });
    await gateway.whole.local.close();
    let left = 0;
    await fc.assert(
      fc.asyncProperty(anyCase, async ({ channel, gap, escapeEvery, ...one }) => {
        const route = routes[one.route] ?? routes[0]!;
        const isMember = channel === 'member' || channel === 'gzip' || channel === 'duplicate';
        const member = route.members[one.member % route.members.length] ?? route.members[0]!;
        const made = isMember ? member.with(one.planted) : {};
        const given: JsonObject = { ...(isObject(made) ? made : {}), model: 'cloud/gpt-4o', stream: one.stream, ...(channel === 'unknown member' ? { x: [{ y: one.planted }] } : {}) }; // prettier-ignore
        const body = { ...ASKED, ...given };
        const json = escaped(JSON.stringify(body, null, gap), escapeEvery);
        const text = channel === 'duplicate' ? `{"metadata":{"a":${JSON.stringify(one.planted)}},${json.slice(1)}` : json;
        arrived.length = 0;
        const answer = await gateway.ask({
          path: channel === 'query' ? `${route.path}?x=${encodeURIComponent(one.planted)}` : route.path,
          body: channel === 'gzip' ? gzipSync(text, { level: 1 }) : text,
          headers: {
            ...(channel === 'gzip' ? { 'content-encoding': 'gzip' } : {}),
            ...(channel === 'header' && /^[ -~]*$/.test(one.planted) ? { 'openai-beta': one.planted } : {}),
            ...(channel === 'media type' ? { 'content-type': `application/json; x="${MAIL}"` } : {}),
          },
        });
        if (answer.status === 200) left += 1;
        for (const { raw, head } of arrived) {
          const sent = raw.toString();
          if ((sent + head).includes(one.planted) || /4111|ben\.?ito/.test(sent + head)) throw new Error(`left: ${head} ${sent}`);
          const parsed: unknown = JSON.parse(sent);
          if (membersWritten(raw) !== membersKept(parsed)) throw new Error(`a member twice: ${sent}`);
        }
      }),
      running,
    ); // prettier-ignore
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
