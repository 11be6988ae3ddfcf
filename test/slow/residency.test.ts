/** Residency with ten thousand cases in memory, and with some of them over real sockets. */
import { createServer } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  expectMasked,
  expectMaskedOrStayed,
  expectStayed,
  expectTruthfulRecord,
  isMaskable,
} from '../support/expect-residency.ts';
import type { Behaviour } from '../support/mock-upstream.ts';
import { anyCase, anyCollectedCase, anyMaskedCase, mustStay } from '../support/residency-case.ts';
import { runCase } from '../support/residency-world.ts';
import {
  EASY,
  HARD,
  simplePolicy,
  startTestGateway,
  type WholeGateway,
} from '../support/gateway-fixture.ts';

const CASES = 10_000;
const SOCKET_CASES = 300;

test(`${CASES} requests of every kind, with everything going wrong`, async () => {
  const seen = { stayed: 0, left: 0 };
  await fc.assert(
    fc.asyncProperty(anyCase, async (one) => {
      const outcome = await runCase(one);
      expectStayed(one, outcome);
      expectTruthfulRecord(outcome);
      if (mustStay(one)) seen.stayed += 1;
      else if (outcome.cloud.calls > 0) seen.left += 1;
    }),
    { numRuns: CASES },
  );
  expect(Math.min(seen.stayed, seen.left)).toBeGreaterThan(CASES / 50);
});

test(`${CASES} requests that may leave masked`, async () => {
  let masked = 0;
  await fc.assert(
    fc.asyncProperty(anyMaskedCase(), async (one) => {
      const outcome = await runCase(one);
      expectMasked(one, outcome);
      expectTruthfulRecord(outcome);
      if (/<[A-Z_]+_1>/.test(outcome.cloud.text)) masked += 1;
    }),
    { numRuns: CASES },
  );
  expect(masked).toBeGreaterThan(CASES / 100);
});

test(`${CASES} requests under a policy that collects: nothing that must stay is written, nothing personal unmasked`, async () => {
  const seen = { stayed: 0, collected: 0 };
  await fc.assert(
    fc.asyncProperty(anyCollectedCase(), async (one) => {
      const outcome = await runCase(one);
      expectMaskedOrStayed(one, outcome);
      if (!isMaskable(one) && mustStay(one)) seen.stayed += 1;
      if (outcome.collected.length > 0) seen.collected += 1;
    }),
    { numRuns: CASES },
  );
  expect(Math.min(seen.stayed, seen.collected)).toBeGreaterThan(CASES / 50);
});

/** Stands where the cloud would, and counts whatever arrives but the gateway's own question for models. */
interface Wire {
  readonly url: string;
  readonly seen: { connections: number; bytes: number; text: string };
  close(): void;
}

async function startWire(): Promise<Wire> {
  const seen = { connections: 0, bytes: 0, text: '' };
  const body = '{"object":"list","data":[{"id":"gpt-4o","object":"model"}]}';
  const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}`;
  const server = createServer((socket) => {
    let isCounted = false;
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      if (!chunk.toString('latin1').startsWith('GET /v1/models ')) {
        seen.bytes += chunk.length;
        seen.text += chunk.toString();
        if (!isCounted) seen.connections += 1;
        isCounted = true;
      }
      socket.write(`${head}\r\n\r\n${body}`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the wire has no port');
  return { url: `http://127.0.0.1:${address.port}/v1`, seen, close: () => server.close() };
}

const BEHAVIOURS: readonly (Behaviour | undefined)[] = [
  undefined,
  { kind: 'error', status: 500 },
  { kind: 'error', status: 429 },
  { kind: 'error', status: 401 },
  { kind: 'error', status: 404 },
  { kind: 'error', status: 400, code: 'context_length_exceeded', message: 'too long' },
  { kind: 'reset' },
  { kind: 'reset', afterHeaders: true },
  { kind: 'raw', body: 'not JSON' },
  { kind: 'hang' },
  { kind: 'broken', after: 0, how: 'reset' },
  { kind: 'broken', after: 1, how: 'reset' },
  { kind: 'broken', after: 1, how: 'error-event' },
  { kind: 'broken', after: 1, how: 'end' },
];

const asked = fc.record({
  secret: fc.constantFrom('ana@ejemplo.es', '4111 1111 1111 1111', '+34 612 345 678'),
  padding: fc.string({ maxLength: 40 }),
  model: fc.constantFrom('auto', 'small', 'large', 'gpt-4o', 'cloud/gpt-4o', 'local/slm'),
  route: fc.constantFrom('chat', 'completions', 'embeddings', 'responses', 'files'),
  override: fc.constantFrom(undefined, 'large', 'cloud/gpt-4o'),
  stream: fc.boolean(),
  isHardTask: fc.boolean(),
  behaviour: fc.constantFrom(...BEHAVIOURS),
  hangUpMs: fc.constantFrom(undefined, undefined, undefined, 1, 5),
});
type Asked = typeof asked extends fc.Arbitrary<infer T> ? T : never;

const bodyOf = ({ secret, padding, route, isHardTask, ...rest }: Asked): [string, string] => {
  const text = `${isHardTask ? HARD : EASY} ${padding} ${secret}`;
  const common = { model: rest.model, stream: rest.stream };
  const messages = [{ role: 'user', content: text }];
  switch (route) {
    case 'chat':
      return ['/v1/chat/completions', JSON.stringify({ ...common, messages })];
    case 'completions':
      return ['/v1/completions', JSON.stringify({ ...common, prompt: text })];
    case 'embeddings':
      return ['/v1/embeddings', JSON.stringify({ model: 'auto', input: [text] })];
    case 'responses':
      return ['/v1/responses', JSON.stringify({ ...common, input: text })];
    case 'files':
      return ['/v1/files', JSON.stringify({ note: text })];
  }
};

const POLICY = simplePolicy(`
constraints:
  - { name: stays, when: signals.pii >= 0.5, require: { locality: local } }
`);

describe('over sockets', () => {
  let wire: Wire;
  let whole: WholeGateway;
  let next: Behaviour | undefined;

  beforeAll(async () => {
    wire = await startWire();
    whole = await startTestGateway({
      cloudUrl: wire.url,
      policy: POLICY,
      local: { behaviour: () => next },
      upstream: ', timeouts: { firstByteMs: 300, idleMs: 300, wholeMs: 300 }',
    });
  });

  afterAll(async () => {
    await whole.close();
    wire.close();
  });

  const ask = async (one: Asked): Promise<number> => {
    next = one.behaviour;
    const [path, body] = bodyOf(one);
    const headers = one.override === undefined ? {} : { 'x-smallfirst-route': one.override };
    const signal = AbortSignal.timeout(one.hangUpMs ?? 20_000);
    try {
      const answer = await whole.post(path, body, { headers, signal });
      await answer.arrayBuffer();
      return answer.status;
    } catch {
      return 0;
    }
  };

  test(`${SOCKET_CASES} requests with personal data: no connection, no byte`, async () => {
    await fc.assert(
      fc.asyncProperty(asked, async (one) => {
        const status = await ask(one);
        expect(wire.seen).toEqual({ connections: 0, bytes: 0, text: '' });
        if (one.route === 'files' && status !== 0) expect(status).toBe(404);
      }),
      { numRuns: SOCKET_CASES },
    );
  });

  test('what a parser would drop does not leave with what it keeps', async () => {
    const said = (content: string): string => `"messages":[{"role":"user","content":"${content}"}]`;
    await whole.post(
      '/v1/chat/completions',
      `{"model":"large",${said('ana@ejemplo.es')},${said('Hi')}}`,
    );
    expect(wire.seen.text).toContain('Hi');
    expect(wire.seen.text).not.toContain('ana');
  });
});
