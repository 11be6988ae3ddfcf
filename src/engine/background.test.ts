/** Responses that go on at the cloud behind their answer. */
import { describe, expect, test } from 'vitest';
import { call } from '../../test/support/call.ts';
import { startFakeGateway } from '../../test/support/fake-gateway.ts';
import { chunk, fakeUpstream } from '../../test/support/fake-upstream.ts';
import { scriptedEvents } from '../../test/support/event-streams.ts';
import type { Ended, Payments } from '../core/payment.ts';
import type { Answer } from '../core/upstream.ts';
import { asReserved } from '../budgets/settlement.ts';
import { usageMeter } from '../accounting/usage-meter.ts';
import type { Accountant } from '../core/accounting.ts';
import { readAll } from '../lib/flow.ts';
import type { JsonObject } from '../lib/json.ts';

const response = (status: string, usage: JsonObject | null = null): JsonObject => ({
  id: 'resp/1',
  object: 'response',
  status,
  output: [],
  usage,
});
const USED = { input_tokens: 9, output_tokens: 40, total_tokens: 49 };

const accountant: Accountant = {
  watch: (_call, features, most) => usageMeter(features, ({ length }) => length, most),
  price: () => ({ cost: null, energy: null }),
  baseline: () => null,
};

const whole = (body: JsonObject): Answer => ({
  kind: 'whole',
  headers: {},
  bytes: Buffer.from(JSON.stringify(body)),
  body,
});

async function* chunksOf(body: JsonObject): AsyncGenerator<Uint8Array> {
  yield* (
    JSON.stringify(body)
      .match(/.{1,9}/g)
      ?.map((part) => Buffer.from(part)) ?? []
  );
}

const seen = (body: JsonObject, status = 200): Answer => ({
  kind: 'raw',
  status,
  headers: {},
  chunks: chunksOf(body),
});

type Step = Answer | Error;

/** The cloud answers the request, and then each question after it, the last one again and again. */
function startWith(pause: Pause | undefined, first: Step, later: readonly Step[]) {
  const inner = fakeUpstream('cloud');
  const asked: string[] = [];
  const pauses: number[] = [];
  const settled: Ended[] = [];
  const cloud: typeof inner = {
    ...inner,
    send: async ({ call: { method, path, payload } }) => {
      const step = asked.length === 0 ? first : (later[asked.length - 1] ?? later.at(-1));
      asked.push(`${method} ${path} ${payload.length}`);
      if (step === undefined || step instanceof Error) throw step ?? new Error('not asked for');
      return step;
    },
  };
  const payments: Payments = {
    facts: () => undefined,
    header: () => undefined,
    reserve: () => ({
      durable: () => Promise.resolve(),
      settle: (ended) => {
        settled.push(ended);
        return ended.usage === undefined ? asReserved(164) : undefined;
      },
    }),
  };
  const noPause: Pause = (ms, abort) => {
    pauses.push(ms);
    abort.throwIfAborted();
    return Promise.resolve();
  };
  const more = { accountant, pause: pause ?? noPause };
  const fake = startFakeGateway({ complexity: 1, payments, cloud, more });
  return { ...fake, asked, pauses, settled };
}

type Pause = (ms: number, abort: AbortSignal) => Promise<void>;

const start = (first: Step, ...later: readonly Step[]) => startWith(undefined, first, later);

const untilStopped: Pause = (_ms, abort) =>
  new Promise((_resolve, reject) => {
    abort.addEventListener('abort', () => reject(new Error('stopped')));
  });

const live = new AbortController().signal;
const posted = (more: JsonObject = {}) =>
  call({
    operation: 'responses',
    path: '/responses',
    body: { model: 'auto', input: 'hi', background: true, ...more },
    payload: Buffer.from('{}'),
  });

async function answered(fake: ReturnType<typeof start>, asking = posted()): Promise<Answer> {
  return (await (await fake.gateway.route(asking)).answer(live)).answer;
}

const ended = async (fake: ReturnType<typeof start>): Promise<void> => {
  while (fake.records.length === 0) await new Promise((resolve) => void setImmediate(resolve));
};

describe('a response that goes on', () => {
  test('is charged by what it used, once it is at its end, and once only', async () => {
    const fake = start(
      whole(response('queued')),
      seen(response('in_progress')),
      new Error('unreachable'),
      seen({}, 503),
      seen(response('completed', USED)),
    );
    await answered(fake);
    expect([fake.records, fake.settled]).toEqual([[], []]);
    // Its place is free again.
    expect(fake.attempts).toEqual(['+cloud', '-cloud ok']);
    await ended(fake);
    expect(fake.asked).toEqual([
      'POST /responses 2',
      ...Array(4).fill('GET /responses/resp%2F1 0'),
    ]);
    expect(fake.pauses).toEqual([1000, 2000, 4000, 8000]);
    expect(fake.settled).toMatchObject([{ outcome: 'ok', usage: { outputTokens: 40 } }]);
    expect(fake.records).toMatchObject([
      { outcome: 'answered', attempts: [{ upstream: 'cloud' }] },
    ]);
    expect(fake.attempts).toEqual(['+cloud', '-cloud ok']);
  });

  test.each([
    ['is deleted', seen({}, 404)],
    ['is read back by nobody', seen({}, 405)],
    ['has no usage at its end', seen(response('cancelled'))],
  ])('is charged as it was reserved where it %s', async (_, last) => {
    const fake = start(whole(response('queued')), last);
    await answered(fake);
    await ended(fake);
    expect(fake.settled).toHaveLength(1);
    expect(fake.records).toMatchObject([{ attempts: [{ cost: { totalNanoUsd: 164 } }] }]);
  });

  test('is followed for two hours, and no longer than the gateway lives', async () => {
    const fake = start(whole(response('queued')), seen(response('in_progress')));
    const endless = start(whole(response('queued')), new Error('unreachable'));
    await answered(endless);
    await ended(endless);
    expect(endless.pauses.reduce((sum, ms) => sum + ms)).toBeGreaterThan(7_100_000);
    await answered(fake);
    await fake.gateway.close();
    expect(fake.asked).toHaveLength(2);
    expect(fake.records).toMatchObject([{ attempts: [{ cost: { totalNanoUsd: 164 } }] }]);
  });

  test('and is asked for once more at a stop', async () => {
    const last = seen(response('completed', USED));
    const fake = startWith(untilStopped, whole(response('queued')), [last]);
    await answered(fake);
    expect(fake.asked).toHaveLength(1);
    await fake.gateway.close();
    expect(fake.settled).toMatchObject([{ usage: { outputTokens: 40 } }]);
  });

  test('behind a stream that its caller left, too', async () => {
    const began = chunk({}, { type: 'response.created', response: response('in_progress') });
    const events = scriptedEvents([began, began], () => {});
    const fake = start({ kind: 'stream', headers: {}, events }, seen(response('completed', USED)));
    const answer = await answered(fake, { ...posted({ stream: true }), stream: true });
    if (answer.kind === 'stream') await readAll(answer.events, () => 'enough');
    await ended(fake);
    expect(fake.settled).toMatchObject([{ outcome: 'aborted', usage: { outputTokens: 40 } }]);
  });
});

test.each([
  ['at its end', response('completed', USED), {}],
  ['without an id', { status: 'queued' }, {}],
  ['not asked for in the background', response('queued'), { background: false }],
])('a response is not followed that is %s', async (_, body, more) => {
  const fake = start(whole(body));
  await answered(fake, posted(more));
  expect(fake.records).toHaveLength(1);
  expect(fake.pauses).toEqual([]);
});

test('a stream that comes to its end is not followed', async () => {
  const events = scriptedEvents(
    [chunk({}, { response: response('in_progress') }), chunk({ content: 'Hello.' })],
    () => {},
  );
  const fake = start({ kind: 'stream', headers: {}, events });
  const answer = await answered(fake, { ...posted(), stream: true });
  if (answer.kind === 'stream') await readAll(answer.events, () => {});
  expect(fake.settled).toMatchObject([{ outcome: 'ok' }]);
  expect(fake.pauses).toEqual([]);
});
