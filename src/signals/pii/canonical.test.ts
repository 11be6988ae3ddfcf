import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NORMAL_UNITS } from '../../lib/normal-form.ts';
import { canonical } from './canonical.ts';

const units = NORMAL_UNITS.flatMap(([from, to]) =>
  Array.from({ length: to - from + 1 }, (_, at) => String.fromCharCode(from + at)),
);

/** Beside a full-width letter, which no text is passed over with. */
const inFull = (text: string): string => canonical(`${text}Ａ`).slice(0, -1);

test('a text that is passed over is what it is when written anew', () => {
  for (const unit of units) expect(canonical(unit), unit).toBe(inFull(unit));
  const text = fc.array(fc.constantFrom(...units)).map((each) => each.join(''));
  fc.assert(fc.property(text, (one) => canonical(one) === inFull(one)));
});

test('what is read alike is spelled alike', () => {
  expect(canonical('раypal')).toBe('paypal');
  expect(canonical('١٢٣')).toBe('123');
  expect(canonical('a\u200bb – c\u00a0d')).toBe('ab - c d');
  expect(canonical('①②')).toBe('12');
});
