/** Which text is judged: not what a client adds to it, and not the conversation of a client's own task. */
import { expect, test } from 'vitest';
import type { Turn } from '../../core/signal.ts';
import { taskOf } from './task.ts';

const user = (text: string): Turn => ({ role: 'user', text });
const assistant = (text: string): Turn => ({ role: 'assistant', text });
const tabs = `<editor_state>\nopen tabs: a.rs, b.rs\n${'src/deep/module.rs\n'.repeat(200)}</editor_state>`;
const rules = `<project-instructions>\n${'Prove every invariant. '.repeat(200)}\n</project-instructions>`;

test('the words are judged, whatever stands around them', () => {
  expect(taskOf([user(`${rules}\nthanks\n${tabs}`)])).toEqual({ text: 'thanks', turns: 1 });
});

test('messages that hold context only are no messages of the user', () => {
  const turns = [user(rules), user(tabs), user('What is a monad?'), user(tabs)];
  expect(taskOf(turns)).toEqual({ text: 'What is a monad?', turns: 1 });
});

test('a follow-up refers to the words of an earlier message, not to its context', () => {
  const turns = [
    user(`${tabs}\nPrice of the blue one?`),
    assistant('4 euro.'),
    user(`And the second one?\n${tabs}`),
  ];
  expect(taskOf(turns).text).toBe('Price of the blue one?\nAnd the second one?');
});

test('a consent is found behind its context', () => {
  const turns = [
    user(`Tides?\n${tabs}`),
    assistant('Shall I derive the equations of the tides?'),
    user(`${rules}\nyes`),
  ];
  expect(taskOf(turns).text).toBe('Shall I derive the equations of the tides?');
});

test('where there is nothing but context, it is judged', () => {
  expect(taskOf([user(tabs)]).text).toContain('module.rs');
});

test('a task that a client sends by itself is its instruction, in its first turn', () => {
  const turns = [
    user('Prove it.'),
    assistant('So: …'),
    user('Create a short title for this conversation. Only the title.'),
  ];
  expect(taskOf(turns)).toEqual({ text: 'Create a short title for this conversation.', turns: 1 });
});
