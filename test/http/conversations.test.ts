/** Which requests are one conversation, seen from outside: by the model that answers. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EASY, HARD, startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';

let whole: WholeGateway;
beforeEach(async () => {
  whole = await startTestGateway();
});
afterEach(() => whole.close());

interface Message {
  readonly role: string;
  readonly content: unknown;
  readonly tool_calls?: unknown;
  readonly tool_call_id?: string;
}

const tools = [{ type: 'function', function: { name: 'lookup', parameters: { type: 'object' } } }];
const user = (content: string): Message => ({ role: 'user', content });
const step = (id: string, result: string): readonly Message[] => [
  {
    role: 'assistant',
    content: null,
    tool_calls: [{ id, type: 'function', function: { name: 'lookup', arguments: '{}' } }],
  },
  { role: 'tool', tool_call_id: id, content: result },
];

async function tierOf(messages: readonly Message[], more: object = {}): Promise<string | null> {
  const answer = await whole.post('/v1/chat/completions', { model: 'auto', messages, ...more });
  await answer.text();
  return answer.headers.get('x-smallfirst-tier');
}

test.each([
  ['a cache key', { prompt_cache_key: 'desk-7' }],
  ['a user id', { user: 'ana' }],
  ['a safety id', { safety_identifier: 'ana' }],
])('two conversations that share %s do not share a place', async (_what, shared) => {
  expect(await tierOf([user(HARD)], { tools, ...shared })).toBe('large');
  expect(await tierOf([user(EASY)], shared)).toBe('small');
  expect(await tierOf([user(HARD), ...step('c1', 'done')], { tools, ...shared })).toBe('large');
});

test('a tool loop stays with its model while another conversation that began alike goes on', async () => {
  const begun = [user(HARD)];
  expect(await tierOf(begun, { tools })).toBe('large');
  const other = [...begun, { role: 'assistant', content: 'Done.' }, user('Thanks!')];
  for (let turn = 0; turn < 2; turn += 1) await tierOf(other, { tools });
  const loop = [...begun, ...step('c1', 'ok'), ...step('c2', 'ok')];
  expect(await tierOf(loop.slice(0, 3), { tools })).toBe('large');
  expect(await tierOf(loop, { tools })).toBe('large');
});

test('it stays when the tools change on the way, and when a reminder follows the result', async () => {
  expect(await tierOf([user(HARD)], { tools })).toBe('large');
  const answered = [user(HARD), ...step('c1', 'ok')];
  expect(await tierOf(answered)).toBe('large');
  const reminded = [...answered, ...step('c2', 'ok'), user('Remember to be kind.')];
  expect(await tierOf(reminded)).toBe('large');
});

test('a loop of the small model is left where the user asks for more than it was begun for', async () => {
  expect(await tierOf([user(EASY)], { tools })).toBe('small');
  const loop = [user(EASY), ...step('c1', HARD)];
  expect(await tierOf(loop, { tools })).toBe('small');
  expect(await tierOf([...loop, user(HARD)], { tools })).toBe('large');
});
