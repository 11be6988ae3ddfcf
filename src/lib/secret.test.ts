import { format, inspect } from 'node:util';
import { expect, test } from 'vitest';
import { secret } from './secret.ts';

test('only `reveal` returns the secret: no print shows it', () => {
  const key = secret('sk-1234');
  const prints = [
    String(key),
    [key].join(),
    JSON.stringify({ key }),
    inspect({ deep: { key } }),
    inspect(key, { showHidden: true, depth: 9, customInspect: false }),
    format('%s %j %o', key, key, key),
    String(Object.values(key)),
  ];
  for (const print of prints) expect(print).not.toContain('1234');
  expect(JSON.stringify({ key })).toBe('{"key":"[secret]"}');
  expect(key.reveal()).toBe('sk-1234');
});
