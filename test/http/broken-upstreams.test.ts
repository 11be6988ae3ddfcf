import { describe, expect, test } from 'vitest';
import { closedAfterEach } from '../support/closed-after-each.ts';
import { mark, type Behaviour } from '../support/mock-upstream.ts';
import {
  EASY,
  HARD,
  simplePolicy,
  startTestGateway,
  type WholeGateway,
} from '../support/gateway-fixture.ts';

const open = closedAfterEach();
/** Where nobody stands in, of this patience. One for each test: what fails too often is not asked any more. */
async function startAlone(timeouts = ''): Promise<WholeGateway> {
  const alone = await startTestGateway({
    upstream: timeouts,
    policy: simplePolicy('whenUnavailable: { large: refuse, small: refuse }'),
  });
  open.push(alone);
  return alone;
}

const events = (text: string): readonly string[] =>
  text.split('\n\n').filter((event) => event.startsWith('data:'));

describe('a stream that breaks after it began', () => {
  const HOWS = [
    'reset',
    'end',
    'half-event',
    'half-reset',
    'stall',
    'error-event',
    'garbage',
  ] as const;

  test.each(HOWS)('by %s ends with an error event and without [DONE]', async (how) => {
    const alone = await startAlone(how === 'stall' ? ', timeouts: { idleMs: 400 }' : '');
    const answer = await alone.chat(`${HARD} ${mark({ kind: 'broken', after: 2, how })}`, {
      stream: true,
    });
    const text = await answer.text();
    expect(answer.status).toBe(200);
    expect(text).not.toContain('[DONE]');
    const last: unknown = JSON.parse(events(text).at(-1)?.slice(5) ?? '');
    expect(last).toMatchObject({
      error: { message: expect.any(String), type: expect.any(String) },
    });
    expect(await alone.record(answer)).toMatchObject({
      outcome: 'failed',
      attempts: [{ outcome: 'failed' }],
    });
  });
});

const REFUSALS: readonly (readonly [string, Behaviour, number])[] = [
  ['an OpenAI error', { kind: 'error', status: 500, message: 'boom' }, 500],
  ['a string for an error', { kind: 'error', status: 503, shape: 'ollama' }, 503],
  ['a flat error', { kind: 'error', status: 500, shape: 'sglang' }, 500],
  ['a numeric code', { kind: 'error', status: 500, shape: 'vllm' }, 500],
  ['FastAPI’s detail', { kind: 'error', status: 500, shape: 'fastapi' }, 500],
  ['HTML', { kind: 'error', status: 502, shape: 'html' }, 502],
  ['nothing', { kind: 'error', status: 500, shape: 'empty' }, 500],
  [
    'HTML with status 200',
    {
      kind: 'raw',
      status: 200,
      body: '<html>hello</html>',
      headers: { 'content-type': 'text/html' },
    },
    502,
  ],
  ['an error with status 200', { kind: 'raw', body: '{"detail":"no worker is left"}' }, 502],
  ['no choices', { kind: 'raw', body: '{"id":"c","choices":[]}' }, 502],
  ['silence', { kind: 'hang' }, 504],
  ['a reset', { kind: 'reset' }, 502],
  ['a reset after the headers', { kind: 'reset', afterHeaders: true }, 502],
  ['a rate limit', { kind: 'error', status: 429 }, 429],
];

describe('an upstream that answers with', () => {
  test.each(REFUSALS)(
    '%s is told in OpenAI’s shape when nobody stands in',
    async (_what, behaviour, status) => {
      const isSilent = behaviour.kind === 'hang';
      const alone = await startAlone(isSilent ? ', timeouts: { firstByteMs: 400 }' : '');
      for (const stream of [false, true]) {
        const answer = await alone.chat(`${HARD} ${mark(behaviour)}`, { stream });
        expect(answer.status).toBe(status);
        const { error } = (await answer.json()) as { error: Record<string, unknown> };
        expect(Object.keys(error).toSorted()).toEqual(['code', 'message', 'param', 'type']);
        expect(error['message']).toEqual(expect.any(String));
        expect(typeof error['code'] === 'string' || error['code'] === null).toBe(true);
        expect((await alone.record(answer)).attempts).toHaveLength(1);
      }
    },
  );

  test('a rate limit keeps what the caller needs to wait the right time', async () => {
    const alone = await startAlone();
    const limited = mark({ kind: 'error', status: 429, headers: { 'retry-after': '7' } });
    expect((await alone.chat(`${HARD} ${limited}`)).headers.get('retry-after')).toBe('7');
  });

  test.each([false, true])(
    'a failure is answered by the other tier, stream: %s',
    async (stream) => {
      const failing = await startTestGateway({
        cloud: { behaviour: () => ({ kind: 'error', status: 500 }) },
      });
      const answer = await failing.chat(HARD, { stream });
      expect(answer.status).toBe(200);
      await answer.text();
      expect(answer.headers.get('x-smallfirst-tier')).toBe('small');
      expect(answer.headers.get('x-smallfirst-degraded')).toBe('cloud-server_error');
      const { attempts } = await failing.record(answer);
      expect(attempts.map(({ outcome }) => outcome)).toEqual(['failed', 'ok']);
      await failing.close();
    },
  );

  test('what the cloud finds wrong with the request goes to the caller as it stands', async () => {
    const wrong = mark({
      kind: 'error',
      status: 400,
      message: 'bad temperature',
      param: 'temperature',
      code: 'invalid_value',
    });
    const whole = await startTestGateway();
    open.push(whole);
    const answer = await whole.chat(`${HARD} ${wrong}`);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      error: { message: 'bad temperature', param: 'temperature' },
    });
  });
});

describe('a caller who hangs up', () => {
  test.each([
    ['before the first byte', { kind: 'hang' } as const],
    ['in the middle', { kind: 'broken', after: 2, how: 'stall' } as const],
  ])('%s stops the upstream and leaves a record', async (_moment, behaviour) => {
    const patient = await startTestGateway();
    const leaving = new AbortController();
    const gone = patient.cloud.nextHangup();
    const arrived = patient.cloud.nextRequest();
    const answer = patient.chat(
      `${HARD} ${mark(behaviour)}`,
      { stream: true },
      { signal: leaving.signal },
    );
    const ended = answer.then((got) => got.text()).catch(() => 'aborted');
    await arrived;
    if (behaviour.kind === 'broken') await answer;
    leaving.abort();
    await gone;
    await ended;
    const page = await fetch(`${patient.gateway.url}/admin/requests`);
    expect(await page.json()).toMatchObject({ records: [{ outcome: 'aborted', status: 499 }] });
    await patient.close();
  });
});

test('an upstream that is not there at all', async () => {
  const lost = await startTestGateway();
  await lost.cloud.close();
  const answer = await lost.chat(HARD);
  expect(answer.headers.get('x-smallfirst-degraded')).toBe('cloud-unreachable');
  await lost.local.close();
  const nobody = await lost.chat(EASY);
  expect(nobody.status).toBe(502);
  expect(await nobody.json()).toMatchObject({ error: { code: 'upstream_unreachable' } });
  await lost.close();
});
