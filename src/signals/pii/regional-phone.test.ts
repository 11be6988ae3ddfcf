import { expect, test } from 'vitest';
import { PHONE_REGIONS, phoneRegion, regionOfZone } from '../../core/phone-regions.ts';
import { judge, type Counts } from './judge.ts';

const isPhone = (text: string, regions = PHONE_REGIONS): boolean => {
  const counts: Counts = new Map();
  judge(text, counts, regions);
  return counts.has('phone');
};

test.each([
  ['US', 'call me at (415) 555-2671'],
  ['KR', '전화 010-2345-6789'],
  ['MX', 'mi teléfono es 55 1234 5678'],
  ['JP', 'tel 03-1234-5678'],
])('national numbers of the usual regions are read: %s', (_, text) => {
  expect(isPhone(text)).toBe(true);
});

test.each([
  ['PT', 'telefone 21 342 7890'],
  ['AU', 'phone 0412 345 678'],
  ['NZ', 'phone 021 234 567'],
  ['SG', 'phone number 6123 4567'],
] as const)('those of others where they are configured: %s', (region, text) => {
  expect(isPhone(text, [region])).toBe(true);
});

test('with a country’s code they are read everywhere', () => {
  expect(isPhone('+351 21 342 7890', [])).toBe(true);
});

test.each([
  ['ESP', 'ES'],
  ['CHN', 'CN'],
  ['CHE', 'CH'],
  ['GBR', 'GB'],
  ['DE', 'DE'],
  ['US-CAL-CISO', 'US'],
  ['XKX', 'XK'],
])('the country of the grid’s zone %s is %s', (zone, region) => {
  expect(regionOfZone(zone)).toBe(region);
});

test('the United Kingdom may be written as people write it; no zone has no region', () => {
  expect(phoneRegion('UK')).toBe('GB');
  expect(phoneRegion('ZZ')).toBeUndefined();
  expect(regionOfZone('ZZZ')).toBeUndefined();
});
