import { expect, test } from 'vitest';
import { call } from '../../test/support/call.ts';
import type { Call } from '../core/call.ts';
import { flowOf, readAll } from '../lib/flow.ts';
import type { JsonObject } from '../lib/json.ts';
import type { Usage } from '../core/record.ts';
import type { StreamEvent } from '../core/upstream.ts';
import { mapEvents } from '../wire/events.ts';
import { usageChunkStep, withUsage } from './reported-usage.ts';

const used: Usage = {
  inputTokens: 7,
  cachedInputTokens: 2,
  outputTokens: 5,
  reasoningTokens: 1,
  source: 'counted',
};
const counted = () => used;
const done: StreamEvent = { bytes: Buffer.from('data: [DONE]\n\n'), done: true };
const chunk = (data: JsonObject): StreamEvent => ({
  bytes: Buffer.from(`data: ${JSON.stringify(data)}\n\n`),
  data,
});
const said = chunk({ id: 'c1', created: 1, model: 'm', choices: [{ index: 0, delta: {} }] });

async function through(
  asked: Call,
  events: readonly StreamEvent[],
): Promise<readonly StreamEvent[]> {
  const got: StreamEvent[] = [];
  const passed = mapEvents(flowOf(events), usageChunkStep(asked, counted));
  await readAll(passed, (event) => void got.push(event));
  return got;
}

const asking = call({ stream: true, wantsUsage: true });

test('usage that was asked for and not sent by the upstream comes before [DONE], with the id of the stream', async () => {
  const got = await through(asking, [said, done]);
  expect(got).toHaveLength(3);
  expect(got[1]?.data).toMatchObject({
    id: 'c1',
    created: 1,
    choices: [],
    usage: { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 },
  });
  expect(got[2]).toBe(done);
});

test('usage from the upstream passes unchanged', async () => {
  const told = chunk({ id: 'c1', choices: [], usage: { prompt_tokens: 9, completion_tokens: 0 } });
  expect(await through(asking, [said, told, done])).toEqual([said, told, done]);
});

test('0 alone is not taken for usage: who cannot count says that', async () => {
  const zero = chunk({ id: 'c1', choices: [], usage: { prompt_tokens: 0, completion_tokens: 0 } });
  const got = await through(asking, [said, { ...zero, bytes: Buffer.alloc(0) }, done]);
  expect(got).toHaveLength(4);
  expect(got[2]?.data).toMatchObject({ usage: { total_tokens: 12 } });
});

test('usage that was not asked for is not added', async () => {
  expect(await through(call({ stream: true }), [said, done])).toEqual([said, done]);
});

test('a stream that breaks off gets no usage, as it gets no [DONE]', async () => {
  expect(await through(asking, [said])).toEqual([said]);
});

test('a whole answer without usage gets it, and keeps every other byte', () => {
  const text = '{"id":"c1","x":  1.50,"choices":[]}';
  const answer = {
    kind: 'whole',
    headers: {},
    bytes: Buffer.from(text),
    body: { id: 'c1' },
  } as const;
  const given = withUsage(call({}), answer, counted);
  if (given.kind !== 'whole') throw new Error('It is whole.');
  expect(Buffer.from(given.bytes).toString()).toMatch(
    /^\{"id":"c1","x": {2}1\.50,"choices":\[\],"usage":/,
  );
  expect(given.body['usage']).toMatchObject({ total_tokens: 12 });
});

test('vectors and responses are left as they are', () => {
  const answer = { kind: 'whole', headers: {}, bytes: Buffer.from('{}'), body: {} } as const;
  for (const operation of ['embeddings', 'responses'] as const)
    expect(withUsage(call({ operation }), answer, counted)).toBe(answer);
});
