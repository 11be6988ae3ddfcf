import { afterEach, expect, test } from 'vitest';
import { startCollector, plain, type Collector, type Reply } from '../../test/support/collector.ts';
import { aRecord, anAttempt } from '../../test/support/record.ts';
import { startTraces, type Traces, type TracesOptions } from './traces.ts';

const HEX = '0123456789abcdef0123456789abcdef';
const RECORD = aRecord({ id: `req_${HEX}` });

let collector: Collector | undefined;
let traces: Traces | undefined;
const logged: string[] = [];

async function start(reply?: () => Reply | Promise<Reply>, more: Partial<TracesOptions> = {}) {
  collector = await startCollector(reply);
  traces = startTraces({
    url: `${collector.url}/v1/traces`,
    headers: { authorization: 'Bearer key' },
    timeoutMs: 5000,
    resource: { 'service.name': 'smallfirst' },
    version: '1.2.3',
    log: (line) => logged.push(line),
    // Long: the tests flush explicitly.
    everyMs: 1_000_000,
    ...more,
  });
  return { collector, traces };
}

afterEach(async () => {
  await collector?.close();
  await traces?.close();
  logged.length = 0;
});

test('a request is a span of a trace named after its id, with a child span per attempt', async () => {
  const own = await start();
  own.traces.sink({
    ...RECORD,
    attempts: [anAttempt({ outcome: 'failed', cause: 'timeout', cost: null }), anAttempt()],
  });
  await own.traces.flush();
  const [root, first, second, ...others] = own.collector.spans();
  expect(others).toEqual([]);
  expect(root).toMatchObject({ traceId: HEX, name: 'smallfirst chat', kind: 2, status: {} });
  expect(root).not.toHaveProperty('parentSpanId');
  for (const span of [first, second])
    expect(span).toMatchObject({
      traceId: HEX,
      parentSpanId: root!.spanId,
      name: 'chat qwen3:4b',
      kind: 3,
    });
  expect(first!.status).toEqual({ code: 2, message: 'timeout' });
  expect(second!.status).toEqual({});
  expect(new Set([root!.spanId, first!.spanId, second!.spanId]).size).toBe(3);
  for (const { spanId } of [root!, first!, second!]) expect(spanId).toMatch(/^[0-9a-f]{16}$/);
});

test('times are nanoseconds since the epoch, and the first token is an event', async () => {
  const own = await start();
  own.traces.sink(RECORD);
  await own.traces.flush();
  const [root, attempt] = own.collector.spans();
  expect(root).toMatchObject({
    startTimeUnixNano: '1790000000000000000',
    endTimeUnixNano: '1790000000813000000',
  });
  expect(attempt).toMatchObject({
    startTimeUnixNano: '1790000000000400000',
    endTimeUnixNano: '1790000000812650000',
    events: [{ name: 'first token', timeUnixNano: '1790000000120900000' }],
  });
});

test('spans have the attributes of the GenAI conventions, and `smallfirst.` ones', async () => {
  const own = await start();
  own.traces.sink(RECORD);
  await own.traces.flush();
  const [root, attempt] = own.collector.spans();
  expect(plain(root!.attributes)).toMatchObject({
    'gen_ai.operation.name': 'chat',
    'gen_ai.request.model': 'auto',
    'http.response.status_code': '200',
    'smallfirst.request.id': RECORD.id,
    'smallfirst.policy': 'default@0123456789ab',
    'smallfirst.complexity': 0.21,
  });
  expect(plain(attempt!.attributes)).toMatchObject({
    'gen_ai.provider.name': 'local',
    'gen_ai.request.model': 'qwen3:4b',
    'gen_ai.usage.input_tokens': '100',
    'gen_ai.usage.output_tokens': '50',
    'smallfirst.tier': 'small',
    'smallfirst.energy.method': 'modelled',
  });
  expect(own.collector.resource()).toEqual({ 'service.name': 'smallfirst' });
  expect(own.collector.posts[0]).toMatchObject({
    path: '/v1/traces',
    headers: { authorization: 'Bearer key', 'content-type': 'application/json' },
  });
});

test("a request's span is a child of the caller's, a shadow's a child of its request", async () => {
  const own = await start();
  const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  own.traces.sink({ ...RECORD, traceparent });
  own.traces.sink({ ...RECORD, traceparent, id: `${RECORD.id}_s`, shadowOf: RECORD.id });
  await own.traces.flush();
  const [root, , shadow] = own.collector.spans();
  expect(root).toMatchObject({ traceId: 'a'.repeat(32), parentSpanId: 'b'.repeat(16) });
  expect(shadow).toMatchObject({ traceId: 'a'.repeat(32), parentSpanId: root!.spanId, kind: 1 });
});

test('a request that the caller did not sample has no spans', async () => {
  const own = await start();
  own.traces.sink({ ...RECORD, traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-00` });
  await own.traces.flush();
  expect(own.collector.posts).toEqual([]);
});

test('a span has the error status for 5xx and not for 4xx', async () => {
  const own = await start();
  own.traces.sink({ ...RECORD, outcome: 'failed', status: 504, errorCode: 'upstream_timeout' });
  own.traces.sink({ ...RECORD, outcome: 'failed', status: 400, errorCode: 'caller_bad_json' });
  await own.traces.flush();
  const roots = own.collector.spans().filter(({ kind }) => kind === 2);
  expect(roots.map(({ status }) => status)).toEqual([{ code: 2, message: 'upstream_timeout' }, {}]);
});

test('a full queue counts the records it drops, and the rest is sent', async () => {
  const own = await start(undefined, { queue: 2 });
  for (let times = 0; times < 5; times++) own.traces.sink(RECORD);
  await own.traces.flush();
  expect(own.traces.stats()).toEqual({ exported: 4, dropped: 6 });
  expect(own.collector.spans()).toHaveLength(4);
});

test('spans are sent again to a busy collector, and the failure is logged once', async () => {
  const replies: Reply[] = [{ status: 503 }, { status: 429 }, { status: 200 }];
  const own = await start(() => replies.shift()!);
  own.traces.sink(RECORD);
  await own.traces.flush();
  await own.traces.flush();
  expect(own.traces.stats()).toEqual({ exported: 0, dropped: 0 });
  await own.traces.flush();
  expect(own.traces.stats()).toEqual({ exported: 2, dropped: 0 });
  expect(logged).toEqual([
    expect.stringContaining('Traces are queued: '),
    'Traces are accepted again.',
  ]);
});

test('spans that a collector refuses, wholly or in part, are dropped and counted', async () => {
  const replies: Reply[] = [
    { status: 400 },
    { status: 200, body: '{"partialSuccess":{"rejectedSpans":"1","errorMessage":"old"}}' },
  ];
  const own = await start(() => replies.shift()!);
  own.traces.sink(RECORD);
  await own.traces.flush();
  expect(own.traces.stats()).toEqual({ exported: 0, dropped: 2 });
  own.traces.sink(RECORD);
  await own.traces.flush();
  expect(own.traces.stats()).toEqual({ exported: 1, dropped: 3 });
});

test('an unreachable collector throws nothing, and what is queued at `close` is counted as dropped', async () => {
  const own = await start();
  await own.collector.close();
  own.traces.sink(RECORD);
  await own.traces.close();
  expect(own.traces.stats()).toEqual({ exported: 0, dropped: 2 });
  expect(logged[0]).toMatch(/^Traces are queued: http:.*ECONNREFUSED/);
});

test('a collector that does not answer is abandoned after the time-out', async () => {
  const hanging = Promise.withResolvers<Reply>();
  const own = await start(() => hanging.promise, { timeoutMs: 20 });
  own.traces.sink(RECORD);
  await own.traces.flush();
  expect(own.traces.stats()).toEqual({ exported: 0, dropped: 0 });
  expect(logged[0]).toContain('cannot be reached (no answer in time)');
  hanging.resolve({ status: 200 });
});

test('a stop does not wait for a collector that does not answer', async () => {
  const hanging = Promise.withResolvers<Reply>();
  // The test would not end otherwise.
  const own = await start(() => hanging.promise, { timeoutMs: 1_000_000, closeMs: 20 });
  own.traces.sink(RECORD);
  void own.traces.flush();
  await own.traces.close();
  expect(own.traces.stats()).toEqual({ exported: 0, dropped: 2 });
  hanging.resolve({ status: 200 });
});

test('many records are sent in several requests', async () => {
  const own = await start();
  for (let times = 0; times < 250; times++) own.traces.sink(RECORD);
  await own.traces.flush();
  expect(own.collector.posts).toHaveLength(3);
  expect(own.traces.stats().exported).toBe(500);
});

test('a draft is a span of its own, with the check that failed it', async () => {
  const own = await start();
  const verdict = { kind: 'fail', check: 'json', reason: 'no JSON' } as const;
  own.traces.sink({ ...RECORD, attempts: [anAttempt({ kind: 'draft', verdict }), anAttempt()] });
  await own.traces.flush();
  const [, draft, answer] = own.collector.spans();
  expect(draft!.name).toBe('draft chat qwen3:4b');
  expect(plain(draft!.attributes)).toMatchObject({
    'smallfirst.attempt.kind': 'draft',
    'smallfirst.verdict': 'fail',
    'smallfirst.verdict.check': 'json',
  });
  expect(answer!.name).toBe('chat qwen3:4b');
});
