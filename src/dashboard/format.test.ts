import { beforeEach, describe, expect, test, vi } from 'vitest';

// The browser's parts that the settings stand on.
vi.hoisted(() => {
  const kept = new Map<string, string>();
  vi.stubGlobal('localStorage', {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => kept.set(name, value),
    removeItem: (name: string) => kept.delete(name),
  });
  vi.stubGlobal('navigator', { languages: ['en'] });
});

const { language, zone } = await import('./settings.ts');
const format = await import('./format.ts');

beforeEach(() => {
  language.value = 'en';
  zone.value = 'UTC';
});

describe('money', () => {
  test.each([
    [0, '$0.00', undefined],
    [1_101, '< $0.01', '$0.000001101'],
    [-1_101, '> -$0.01', '-$0.000001101'],
    [10_000_000, '$0.01', undefined],
    [1_234_567_890, '$1.23', '$1.23456789'],
  ])('%d nano-dollars', (nanoUsd, text, exact) => {
    expect(format.money(nanoUsd)).toEqual(exact === undefined ? { text } : { text, exact });
  });

  test.each([
    [0, '$0.00', undefined],
    [1_101, '< $0.00001', '$0.000001101'],
    [10_000, '$0.00001', undefined],
    [265_400, '$0.00027', '$0.0002654'],
    [9_960_000, '$0.01', '$0.00996'],
    [12_345_678, '$0.01', '$0.012345678'],
    [1_234_567_890, '$1.23', '$1.23456789'],
  ])('%d nano-dollars of one request', (nanoUsd, text, exact) => {
    expect(format.requestMoney(nanoUsd)).toEqual(exact === undefined ? { text } : { text, exact });
  });

  test('a range carries the currency at both ends, and is one figure where they read the same', () => {
    expect(format.moneyRange({ low: 120_000_000, high: 340_000_000 }).text).toBe('$0.12 – $0.34');
    expect(format.moneyRange({ low: 1, high: 2 }).text).toBe('< $0.01');
  });
});

describe('energy', () => {
  test.each([
    [630, 1_100, '630 J – 1.1 kJ'],
    [630, 900, '630 J – 900 J'],
    [0, 0, '0 J'],
    [999.6, 999.6, '1 kJ'],
    [0.004, 0.5, '4 mJ – 500 mJ'],
    [2_000_000, 3_000_000, '2 MJ – 3 MJ'],
  ])('%d to %d joules', (low, high, text) => {
    expect(format.energy({ low, high }).text).toBe(text);
  });

  test('in Spanish with a comma', () => {
    language.value = 'es';
    expect(format.energy({ low: 630, high: 1_100 }).text).toBe('630 J – 1,1 kJ');
  });
});

test.each([
  [0.42, '0.4 ms'],
  [840, '840 ms'],
  [1_234, '1.23 s'],
  [125_000, '2 min 5 s'],
])('%d milliseconds', (ms, text) => {
  expect(format.duration(ms)).toBe(text);
});

test('what is not known is called so, and is no 0', () => {
  expect(format.known(null, format.count)).toBe('unknown');
  expect(format.known(undefined, format.count)).toBe('unknown');
  expect(format.known(0, format.count)).toBe('0');
});

test('a moment has its zone', () => {
  zone.value = 'Asia/Kolkata';
  expect(format.moment(0)).toMatch(/^Jan 1, 1970, 05:30:00 AM GMT\+5:30$/);
});

test('a small share is not rounded to nothing', () => {
  expect(format.percent(0.004)).toBe('0.4%');
  expect(format.percent(0.5)).toBe('50%');
});
