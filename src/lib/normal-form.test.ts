import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hasOnly, NORMAL_UNITS, unitTable } from './normal-form.ts';

const units = NORMAL_UNITS.flatMap(([from, to]) =>
  Array.from({ length: to - from + 1 }, (_, at) => String.fromCharCode(from + at)),
);
const isNormal = hasOnly(unitTable(NORMAL_UNITS));

test('what has only normal units is its own compatibility form', () => {
  const all = units.join('');
  expect(all.normalize('NFKC')).toBe(all);
  const text = fc.array(fc.constantFrom(...units)).map((each) => each.join(''));
  fc.assert(fc.property(text, (one) => isNormal(one) && one.normalize('NFKC') === one));
});

test('marks, full-width forms and surrogates are not normal', () => {
  for (const text of ['e\u0301', 'ｅ', '\u1112\u1161', '\ud83d\ude00', 'ﬁ', '\u00a0', '²'])
    expect(isNormal(text)).toBe(false);
});

test('units may be left out', () => {
  expect(hasOnly(unitTable(NORMAL_UNITS, [0x61]))('abc')).toBe(false);
  expect(hasOnly(unitTable(NORMAL_UNITS, [0x61]))('bc')).toBe(true);
});
