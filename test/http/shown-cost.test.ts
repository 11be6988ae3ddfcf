/** What a request cost, in the answer itself where the caller asks: `X-Smallfirst-Usage: cost`. */
import { beforeAll, afterAll, expect, test } from 'vitest';
import type { UsageRecord } from '../../src/core/record.ts';
import { isObject, type JsonObject } from '../../src/lib/json.ts';
import {
  EASY,
  HARD,
  simplePolicy,
  startTestGateway,
  type WholeGateway,
} from '../support/gateway-fixture.ts';

const headers = { 'x-smallfirst-usage': 'cost' };
const REFUSAL = "I'm sorry, but I can't help with that request.";
let whole: WholeGateway;

beforeAll(async () => {
  whole = await startTestGateway({
    local: { behaviour: () => ({ kind: 'answer', text: REFUSAL }) },
    policy: simplePolicy('verify: { onFail: escalate, checks: [refusal] }'),
  });
});
afterAll(() => whole.close());

/** Of all chunks of a stream that have one. */
function usagesIn(stream: string): JsonObject[] {
  return stream
    .split('\n\n')
    .filter((event) => event.startsWith('data: {'))
    .map((event): unknown => JSON.parse(event.slice(6)))
    .flatMap((chunk) => (isObject(chunk) && isObject(chunk['usage']) ? [chunk['usage']] : []));
}

const paid = ({ attempts }: UsageRecord): number =>
  attempts.reduce((sum, { cost }) => sum + (cost?.totalNanoUsd ?? 0), 0) / 1e9;

test.each([
  ['hard', HARD, 1],
  ['easy, with a draft that is refused', EASY, 2],
])(
  'a stream of a request that is %s ends with its cost, and is the same otherwise',
  async (_, text, attempts) => {
    for (const options of [undefined, { include_usage: true }]) {
      const more = { stream: true, ...(options && { stream_options: options }) };
      const answer = await whole.chat(text, more, { headers });
      const said = await answer.text();
      const record = await whole.record(answer);
      expect(record.attempts).toHaveLength(attempts);
      expect(paid(record)).toBeGreaterThan(0);
      expect(usagesIn(said)).toEqual([
        expect.objectContaining({ completion_tokens: expect.any(Number), cost: paid(record) }),
      ]);
      expect(said.endsWith('data: [DONE]\n\n')).toBe(true);
    }
  },
);

test('a whole answer has what its headers say', async () => {
  const answer = await whole.chat(HARD, {}, { headers });
  const { usage } = (await answer.json()) as { usage: JsonObject };
  expect(usage['cost']).toBe(Number(answer.headers.get('x-smallfirst-cost-usd')));
  expect(usage['energy']).toMatchObject({ low_j: expect.any(Number), method: 'modelled' });
  expect(usage['total_tokens']).toBeGreaterThan(0);
});

test('who does not ask is told nothing, and another word is refused', async () => {
  const streamed = await whole.chat(HARD, { stream: true });
  expect(usagesIn(await streamed.text())).toEqual([]);
  const plain = (await (await whole.chat(HARD)).json()) as { usage: JsonObject };
  expect(plain.usage).not.toHaveProperty('cost');
  const wrong = await whole.chat(HARD, {}, { headers: { 'x-smallfirst-usage': 'joules' } });
  expect(wrong.status).toBe(400);
  expect(await wrong.text()).toContain("Send 'cost', or leave it out.");
});
