/** What clients add to a message, and what front ends ask by themselves, through the whole gateway. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  HARD,
  simplePolicy,
  startTestGateway,
  type WholeGateway,
} from '../support/gateway-fixture.ts';

let whole: WholeGateway;
beforeAll(async () => {
  whole = await startTestGateway({
    policy: simplePolicy(`
constraints:
  - { name: pii-stays-local, when: signals.pii >= 0.5, require: { locality: local } }
rules:
  - { name: titles-small, when: request.kind == "title", use: [small, large] }
  - { name: chores-large, when: request.kind != "chat", use: [large, small] }
`),
  });
});
afterAll(() => whole.close());
beforeEach(() => {
  whole.cloud.clear();
  whole.local.clear();
});

const notes = `<retrieved_notes>\n${HARD}\n${'The theorem holds for every compact set. '.repeat(250)}\n</retrieved_notes>`;
const transcript = `<chat_history>\nUSER: ${HARD}\nASSISTANT: done\n</chat_history>`;
const tierOf = async (said: string): Promise<string | null> =>
  (await whole.chat(said)).headers.get('x-smallfirst-tier');

test('"thanks" beside ten kilobytes of notes goes where "thanks" goes', async () => {
  expect(await tierOf('thanks')).toBe('small');
  expect(await tierOf(`${notes}\nthanks`)).toBe('small');
  expect(await tierOf(`${notes}\n${HARD}`)).toBe('large');
});

test('the notes are read for personal data all the same', async () => {
  const card = '<memories>\nHis card is 4111 1111 1111 1111.\n</memories>';
  const answer = await whole.chat(`${card}\n${HARD}`);
  expect(answer.headers.get('x-smallfirst-tier')).toBe('small');
  expect(whole.cloud.requests).toEqual([]);
});

test.each([
  ['title', 'small', `Generate a short title for the chat history. JSON only.\n${transcript}`],
  ['tags', 'large', `Generate three broad tags for the chat history. JSON only.\n${transcript}`],
  ['follow-ups', 'large', `Suggest follow-up questions for the chat history.\n${transcript}`],
  ['query', 'large', `Generate search queries from the chat history.\n${transcript}`],
  ['memory', 'large', `Extract facts about the user from this conversation.\n${transcript}`],
])('a policy says where %s goes, and the record names it', async (kind, tier, said) => {
  const answer = await whole.chat(said);
  expect(answer.headers.get('x-smallfirst-tier')).toBe(tier);
  expect((await whole.record(answer)).facts.kind).toBe(kind);
});

test('what a person asks has no kind of its own', async () => {
  const answer = await whole.chat('Hello, how are you?');
  expect((await whole.record(answer)).facts.kind).toBeUndefined();
});
