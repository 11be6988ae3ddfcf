/** S19: no regular expression takes longer than its input, unless what bounds its input is written down. */
import { readFileSync } from 'node:fs';
import { check } from 'recheck';
import { expect, test } from 'vitest';
import { expressionsIn, unsafeExpressions } from '../support/check-expressions.ts';

const known = JSON.parse(readFileSync('test/security/expressions.json', 'utf8')) as {
  safe: string[];
  bounded: Record<string, string>;
};

// What is not written down would be judged anew each time, and on a busy machine not always alike.
test('every expression is known to be safe, or has a bound (if not: npm run expressions -- --update)', async () => {
  const { unsafe, safe } = await unsafeExpressions(known);
  expect(unsafe).toEqual([]);
  expect(safe).toEqual(known.safe);
});

test('each bound says what it is, and belongs to an expression that is there', () => {
  const text = readFileSync('test/security/expressions.json', 'utf8');
  expect(text).not.toMatch(/: ""/);
  for (const reason of Object.values(known.bounded)) expect(reason).toMatch(/^reads /);
});

test('one whose time grows faster than its input is found', async () => {
  const [found] = expressionsIn('a.ts', String.raw`const bad = /^(a|a)*$/;`);
  expect(found).toEqual({ at: 'a.ts:1', written: '/^(a|a)*$/' });
  expect((await check('^(a|a)*$', '')).status).toBe('vulnerable');
});
