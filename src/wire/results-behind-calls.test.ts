import { expect, test } from 'vitest';
import { resultsBehindCalls } from './results-behind-calls.ts';

const user = (content: string) => ({ role: 'user', content });
const calling = (...ids: readonly string[]) => ({
  role: 'assistant',
  tool_calls: ids.map((id) => ({ id })),
});
const result = (id: string) => ({ role: 'tool', tool_call_id: id });

test('a list whose results stand behind their calls is the very same', () => {
  const messages = [user('a'), calling('1', '2'), result('2'), result('1'), user('b')];
  expect(resultsBehindCalls(messages)).toBe(messages);
});

test('what stands between two results comes behind them', () => {
  const [one, two] = [result('1'), result('2')];
  const call = calling('1', '2');
  const [first, picture, last] = [user('a'), user('a picture'), user('b')];
  const ordered = [first, call, one, two, picture, last];
  expect(resultsBehindCalls([first, call, one, picture, two, last])).toEqual(ordered);
});

test('an id that each turn uses again belongs to the last call before it', () => {
  const messages = [calling('1'), result('1'), user('a'), calling('1'), user('b'), result('1')];
  expect(resultsBehindCalls(messages)).toEqual([...messages.slice(0, 4), result('1'), user('b')]);
});

test('a result of no call keeps its place', () => {
  const messages = [user('a'), result('x'), user('b')];
  expect(resultsBehindCalls(messages)).toEqual(messages);
});
