import fc from 'fast-check';
import { expect, test } from 'vitest';
import { missingResultsAdded, resultsBehindCalls } from './results-behind-calls.ts';

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

const interrupted = (id: string) => ({
  ...result(id),
  content: 'The call was interrupted: it has no result.',
});

test.each([
  ['none of two', [calling('1', '2')], [interrupted('1'), interrupted('2')]],
  ['one of two', [calling('1', '2'), result('2')], [interrupted('1')]],
])('a call that was interrupted has a result that says so: %s', (_what, begun, added) => {
  const last = user('go on');
  expect(missingResultsAdded([...begun, last])).toEqual([...begun, ...added, last]);
});

test.each([
  ['each has one', [user('a'), calling('1'), result('1'), user('b'), calling('2'), result('2')]],
  ['they are about to be made', [user('a'), calling('1', '2'), result('1')]],
  ['a call without an id', [{ role: 'assistant', tool_calls: [{}] }, user('b')]],
  ['a result of no call', [user('a'), result('x'), user('b')]],
])('nothing is added where nothing is missing: %s', (_what, messages) => {
  expect(missingResultsAdded(messages)).toBe(messages);
});

test('of any conversation, nothing is lost, and what was put right is right', () => {
  const id = fc.constantFrom('1', '2', '3');
  const one = fc.oneof(
    fc.constant(user('a')),
    fc.array(id, { maxLength: 3 }).map((ids) => calling(...new Set(ids))),
    id.map(result),
  );
  fc.assert(
    fc.property(fc.array(one, { maxLength: 12 }), (messages) => {
      const once = missingResultsAdded(resultsBehindCalls(messages));
      expect(once).toEqual(expect.arrayContaining(messages));
      expect(missingResultsAdded(once)).toBe(once);
    }),
  );
});
