/** What callers do with an answer is noted on records as kinds and ids: no text, and nothing learns from it while it runs. */
import { expect, test } from 'vitest';
import { labelReader } from '../../src/analysis/labels.ts';
import type { UsageRecord } from '../../src/core/record.ts';
import { EASY, type WholeGateway } from '../support/gateway-fixture.ts';
import { gatewayPerTest } from '../support/gateway-per-test.ts';

const open = gatewayPerTest();

async function started(): Promise<WholeGateway> {
  return await open();
}

const user = (content: string) => ({ role: 'user', content });
const assistant = (content: string) => ({ role: 'assistant', content });

async function turn(
  whole: WholeGateway,
  messages: readonly object[],
  headers: Readonly<Record<string, string>> = {},
): Promise<UsageRecord> {
  const answer = await whole.post('/v1/chat/completions', { model: 'auto', messages }, { headers });
  await answer.text();
  return await whole.record(answer);
}

const BEGUN = [user(EASY), assistant('You are welcome.'), user('And on Sundays?')];

test('the same turn asked again names the request whose answer was not enough', async () => {
  const whole = await started();
  const first = await turn(whole, BEGUN);
  const again = await turn(whole, BEGUN);
  expect(first.sign).toBeUndefined();
  expect(again.sign).toEqual({ kind: 'asked-again', of: first.id });
  const other = await turn(whole, [user(EASY), assistant('Hi.'), user('And on Mondays?')]);
  expect(other.sign).toBeUndefined();
});

test('a first turn says nothing, for many people begin alike; in a named conversation it does', async () => {
  const whole = await started();
  await turn(whole, [user(EASY)]);
  expect((await turn(whole, [user(EASY)])).sign).toBeUndefined();
  const named = { 'x-session-id': 's1' };
  const first = await turn(whole, [user(EASY)], named);
  expect((await turn(whole, [user(EASY)], named)).sign).toMatchObject({ of: first.id });
  expect((await turn(whole, [user(EASY)], { 'x-session-id': 's2' })).sign).toBeUndefined();
});

test('“that is wrong” is said of the answer before it, and becomes a weak label of it', async () => {
  const whole = await started();
  const first = await turn(whole, BEGUN);
  const next = await turn(whole, [...BEGUN, assistant('From 9 to 5.'), user('No, that is wrong.')]);
  expect(next.sign).toEqual({ kind: 'denied', of: first.id });
  expect(JSON.stringify(next)).not.toContain('that is wrong');
  const reader = labelReader();
  reader.add(first);
  reader.add(next);
  const { complexity } = first.decision!;
  expect(reader.result().labels).toContainEqual(
    expect.objectContaining({ complexity, isWorse: true, weakBy: 'signs: denied', trust: 0.1 }),
  );
});

test('a stream that its caller stopped after it had begun is a weak label', async () => {
  const stalled = { kind: 'broken', after: 4, how: 'stall' } as const;
  const whole = await open({ local: { behaviour: () => stalled } });
  const stop = new AbortController();
  const answer = await whole.chat(EASY, { stream: true }, { signal: stop.signal });
  const body = answer.body!.getReader();
  await body.read();
  stop.abort();
  await whole.local.nextHangup();
  const record = await whole.record(answer);
  const reader = labelReader();
  reader.add(record);
  expect(reader.result().labels).toMatchObject([{ isWorse: true, weakBy: 'signs: stopped' }]);
});
