/** `background: true` through the whole gateway: what it used is charged, although nobody asks for it. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';

const ANSWERED = { id: 'resp_1', object: 'response', created_at: 1, model: 'gpt-4o', output: [] };
const USED = { input_tokens: 9, output_tokens: 40, total_tokens: 49 };

let whole: WholeGateway;
let askedMs: number | undefined;
beforeAll(async () => {
  whole = await startTestGateway({
    cloud: {
      behaviour: ({ method, path }) => {
        if (!path.includes('/responses')) return undefined;
        if (method === 'POST') return json({ ...ANSWERED, status: 'queued', usage: null });
        askedMs = performance.now();
        return json({ ...ANSWERED, status: 'completed', usage: USED });
      },
    },
  });
});
afterAll(() => whole.close());

const json = (body: object) => ({
  kind: 'raw' as const,
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

test('the record comes at its end, with what it used; the answer names no cost', async () => {
  const startedMs = performance.now();
  const answer = await whole.post('/responses', {
    model: 'cloud/gpt-4o',
    input: 'hi',
    background: true,
  });
  expect(await answer.json()).toMatchObject({ status: 'queued' });
  expect(answer.headers.get('x-smallfirst-upstream')).toBe('cloud');
  expect(answer.headers.get('x-smallfirst-cost-usd')).toBeNull();
  const recorded = () => whole.record(answer).catch(() => undefined);
  await expect.poll(recorded).toBeDefined();
  const record = await whole.record(answer);
  expect(record).toMatchObject({
    outcome: 'answered',
    attempts: [
      { usage: { outputTokens: 40, source: 'reported' }, cost: { kinds: { output: 400_000 } } },
    ],
  });
  // As long as its caller waited, and not as long as it was followed.
  expect(record.latencyMs).toBeLessThan((askedMs ?? 0) - startedMs);
});
