import { expect, test } from 'vitest';
import { isSpace } from './spaces.ts';

test('white space is what the expression takes for it', () => {
  for (let unit = 0; unit < 65_536; unit += 1)
    expect(isSpace(unit), String(unit)).toBe(/\s/.test(String.fromCharCode(unit)));
});
