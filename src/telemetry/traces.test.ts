import { afterEach, expect, test } from 'vitest';
import { startCollector, plain, type Collector, type Reply } from '../../test/support/collector.ts';
import { aRecord, anAttempt } from '../../test/support/record.ts';
import { startTraces, type Traces, type TracesOptions } from './traces.ts';

const HEX = '0123456789abcdef0123456789abcdef';
const RECORD = aRecord({ id: `req_${HEX}` });

let collector: Collector | undefined;
let traces: Traces | undefined;
const said: string[] = [];

async function start(reply?: () => Reply | Promise<Reply>, more: Partial<TracesOptions> = {}) {
  collector = await startCollector(reply);
  traces = startTraces({
    url: `${collector.url}/v1/traces`,
    headers: { authorization: 'Bearer key' },
    timeoutMs: 5000,
    resource: { 'service.name': 'smallfirst' },
    version: '1.2.3',
    say: (line) => said.push(line),
    // Long: the tests say when.
    everyMs: 1_000_000,
    ...more,
  });
  return { collector, traces };
}

afterEach(async () => {
  await collector?.close();
  await traces?.close();
  said.length = 0;
});

test('a request is a span of a trace with its own id, each attempt a span below it', async () => {
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

test('spans carry the names of the GenAI conventions, and ours beside them', async () => {
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

test("a caller's trace goes on, and a shadow hangs below its request", async () => {
  const own = await start();
  const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  own.traces.sink({ ...RECORD, traceparent });
  own.traces.sink({ ...RECORD, traceparent, id: `${RECORD.id}_s`, shadowOf: RECORD.id });
  await own.traces.flush();
  const [root, , shadow] = own.collector.spans();
  expect(root).toMatchObject({ traceId: 'a'.repeat(32), parentSpanId: 'b'.repeat(16) });
  expect(shadow).toMatchObject({ traceId: 'a'.repeat(32), parentSpanId: root!.spanId, kind: 1 });
});

test('a caller that traces and left this request out gets no spans', async () => {
  const own = await start();
  own.traces.sink({ ...RECORD, traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-00` });
  await own.traces.flush();
  expect(own.collector.posts).toEqual([]);
});

test('an error of ours is one, an error of the caller is none', async () => {
  const own = await start();
  own.traces.sink({ ...RECORD, outcome: 'failed', status: 504, errorCode: 'upstream_timeout' });
  own.traces.sink({ ...RECORD, outcome: 'failed', status: 400, errorCode: 'caller_bad_json' });
  await own.traces.flush();
  const roots = own.collector.spans().filter(({ kind }) => kind === 2);
  expect(roots.map(({ status }) => status)).toEqual([{ code: 2, message: 'upstream_timeout' }, {}]);
});

test('a full queue counts what it loses, and the rest is sent', async () => {
  const own = await start(undefined, { queue: 2 });
  for (let times = 0; times < 5; times++) own.traces.sink(RECORD);
  await own.traces.flush();
  expect(own.traces.stats()).toEqual({ exported: 4, dropped: 6 });
  expect(own.collector.spans()).toHaveLength(4);
});

test('a collector that is busy gets the same spans again, and that is said once', async () => {
  const replies: Reply[] = [{ status: 503 }, { status: 429 }, { status: 200 }];
  const own = await start(() => replies.shift()!);
  own.traces.sink(RECORD);
  await own.traces.flush();
  await own.traces.flush();
  expect(own.traces.stats()).toEqual({ exported: 0, dropped: 0 });
  await own.traces.flush();
  expect(own.traces.stats()).toEqual({ exported: 2, dropped: 0 });
  expect(said).toEqual([expect.stringContaining('Traces wait: '), 'Traces are taken again.']);
});

test('what a collector refuses is lost and counted, wholly or in part', async () => {
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

test('without a collector nothing is thrown, and what is left at the end is counted', async () => {
  const own = await start();
  await own.collector.close();
  own.traces.sink(RECORD);
  await own.traces.close();
  expect(own.traces.stats()).toEqual({ exported: 0, dropped: 2 });
  expect(said[0]).toMatch(/^Traces wait: http:.*ECONNREFUSED/);
});

test('a collector that says nothing is left after the time-out', async () => {
  const hanging = Promise.withResolvers<Reply>();
  const own = await start(() => hanging.promise, { timeoutMs: 20 });
  own.traces.sink(RECORD);
  await own.traces.flush();
  expect(own.traces.stats()).toEqual({ exported: 0, dropped: 0 });
  hanging.resolve({ status: 200 });
});

test('many records go in several posts', async () => {
  const own = await start();
  for (let times = 0; times < 250; times++) own.traces.sink(RECORD);
  await own.traces.flush();
  expect(own.collector.posts).toHaveLength(3);
  expect(own.traces.stats().exported).toBe(500);
});
