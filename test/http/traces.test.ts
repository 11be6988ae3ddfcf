/** The whole gateway beside a collector: what a caller's trace becomes. */
import { afterEach, expect, test } from 'vitest';
import { plain, startCollector, type Collector } from '../support/collector.ts';
import { EASY, startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';

let collector: Collector;
let whole: WholeGateway;

async function start(): Promise<void> {
  collector = await startCollector();
  whole = await startTestGateway({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url } });
}

afterEach(() => collector.close());

const PARENT = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;

test("a request goes on with its caller's trace, and its words stay here", async () => {
  await start();
  const answer = await whole.chat(`${EASY} SECRETWORDS`, {}, { headers: { traceparent: PARENT } });
  await answer.text();
  const { traceparent } = await whole.record(answer);
  await whole.close();
  expect(traceparent).toBe(PARENT);
  const [root, attempt] = collector.spans();
  expect(root).toMatchObject({ traceId: 'a'.repeat(32), parentSpanId: 'b'.repeat(16) });
  expect(attempt).toMatchObject({ traceId: 'a'.repeat(32), parentSpanId: root!.spanId });
  expect(plain(root!.attributes)['smallfirst.request.id']).toBe(answer.headers.get('x-request-id'));
  expect(JSON.stringify(collector.spans())).not.toContain('SECRET');
});

test.each(['', 'nonsense', `00-${'0'.repeat(32)}-${'b'.repeat(16)}-01`, `ff-${PARENT.slice(3)}`])(
  'a traceparent that is none begins a trace of its own: "%s"',
  async (traceparent) => {
    await start();
    const answer = await whole.chat(EASY, {}, { headers: { traceparent } });
    await answer.text();
    const metrics = await fetch(`${whole.gateway.url}/metrics`, {
      headers: { accept: 'application/openmetrics-text' },
    });
    const text = await metrics.text();
    await whole.close();
    const id = answer.headers.get('x-request-id')!;
    expect(collector.spans()[0]?.traceId).toBe(id.replace('req_', ''));
    expect(text).toContain(`# {request_id="${id}",trace_id="${id.replace('req_', '')}"}`);
    expect(text).toContain('smallfirst_trace_spans_total{result="exported"}');
  },
);

test('a collector that is not there delays nobody', async () => {
  await start();
  await collector.close();
  const answer = await whole.chat(EASY);
  expect(answer.status).toBe(200);
  await answer.text();
  await whole.close();
});
