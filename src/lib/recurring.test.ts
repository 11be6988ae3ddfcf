import { expect, test } from 'vitest';
import { Recurring } from './recurring.ts';

const PROMPT = 'You are the support assistant of a small shop.';

/** What is known of a text; where nothing is, its length is found. */
function ask(known: Recurring<number>, text: string): number | undefined {
  const found = known.of(text);
  if (found === undefined) known.met(text, () => text.length);
  return found;
}

test('a text is known from the third time on', () => {
  const known = new Recurring<number>(100);
  expect([1, 2, 3, 4].map(() => ask(known, PROMPT))).toEqual([
    undefined,
    undefined,
    PROMPT.length,
    PROMPT.length,
  ]);
});

test('another text is never taken for it', () => {
  const known = new Recurring<number>(100);
  const other = `${PROMPT.slice(0, 20)}#${PROMPT.slice(21)}`;
  for (let time = 0; time < 3; time += 1) ask(known, PROMPT);
  expect(known.of(PROMPT)).toBe(PROMPT.length);
  expect(known.of(other)).toBeUndefined();
});

test('texts that come once do not take its place', () => {
  const known = new Recurring<number>(100);
  for (let time = 0; time < 3; time += 1) ask(known, PROMPT);
  for (let at = 0; at < 5000; at += 1)
    ask(known, `A question that nobody has asked before: ${at}?`);
  expect(ask(known, PROMPT)).toBe(PROMPT.length);
});

test('short texts, and those that are too long, are not remembered', () => {
  const known = new Recurring<number>(40);
  for (let time = 0; time < 5; time += 1) {
    expect(ask(known, 'Hello!')).toBeUndefined();
    expect(ask(known, PROMPT)).toBeUndefined();
  }
});
