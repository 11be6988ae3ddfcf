import { expect, test } from 'vitest';
import { routerAnomalies } from './router-anomalies.ts';

const HOUR = 3_600_000;
const NOW = 1_000 * HOUR;

/** A key whose last week had a fifth of its requests sent large, a little more by day than by night. */
function settled(key = 'bot') {
  const anomalies = routerAnomalies();
  anomalies.learn(
    Array.from({ length: 168 }, (_, at) => {
      const large = at % 24 < 12 ? 22 : 18;
      return { key, atMs: NOW - (168 - at) * HOUR, requests: 100, large };
    }),
  );
  const ask = (
    count: number,
    isLarge: (at: number) => boolean,
    text = (at: number) => `q${at}`,
  ) => {
    for (let at = 0; at < count; at += 1)
      anomalies.routed(key, { task: text(at), isLarge: isLarge(at), atMs: NOW + at * 1000 });
  };
  return { anomalies, ask };
}

const everyFifth = (at: number): boolean => at % 5 === 0;
const later = NOW + 100_000;

test('a usual share is none, and neither is a share of few requests', () => {
  const { anomalies, ask } = settled();
  ask(100, everyFifth);
  expect(anomalies.counts(later)).toEqual({ share: 0, beginning: 0, ending: 0 });
  const few = settled();
  few.ask(29, () => true);
  expect(few.anomalies.untilMs('bot', later)).toBeUndefined();
});

test('a key that sends everything large is seen within two minutes, and over after ten', () => {
  const { anomalies, ask } = settled();
  ask(60, () => true);
  expect(anomalies.counts(NOW + 60_000).share).toBe(1);
  const until = anomalies.untilMs('bot', NOW + 60_000);
  expect(until).toBe(NOW + 59_000 + 600_000);
  expect(anomalies.untilMs('bot', until!)).toBeUndefined();
  expect(anomalies.untilMs('other', NOW)).toBeUndefined();
});

test.each([
  [32, 0],
  [35, 1],
])('%i large ones of a hundred, where twenty are usual, are %i anomalies', (large, found) => {
  const { anomalies, ask } = settled();
  ask(100, (at) => (at * large) % 100 < large);
  expect(anomalies.counts(later).share).toBe(found);
});

test('a key without days before it has none', () => {
  const anomalies = routerAnomalies();
  for (let at = 0; at < 200; at += 1)
    anomalies.routed('new', { task: `q${at}`, isLarge: true, atMs: NOW + at });
  expect(anomalies.counts(NOW + 200).share).toBe(0);
});

test('a key whose hours differ much is not unusual for an hour among them', () => {
  const anomalies = routerAnomalies();
  anomalies.learn(
    Array.from({ length: 168 }, (_, at) => ({
      key: 'mixed',
      atMs: NOW - (168 - at) * HOUR,
      requests: 100,
      large: at % 2 === 0 ? 90 : 10,
    })),
  );
  for (let at = 0; at < 100; at += 1)
    anomalies.routed('mixed', { task: `q${at}`, isLarge: true, atMs: NOW + at });
  expect(anomalies.counts(NOW + 100).share).toBe(0);
});

test.each([
  [
    'beginning',
    (at: number) => `${'prove the lemma of '.repeat(3)} question ${at} ${'x'.repeat(at)}`,
  ],
  [
    'ending',
    (at: number) =>
      `question ${at} of many, in words ${at} ${'and so the theorem holds '.repeat(3)}`,
  ],
] as const)('a %s that they share is named too', (kind, text) => {
  const { anomalies, ask } = settled();
  ask(60, () => true, text);
  const counts = anomalies.counts(NOW + 60_000);
  expect(counts.share).toBe(1);
  expect(counts[kind]).toBe(1);
  expect(counts[kind === 'beginning' ? 'ending' : 'beginning']).toBe(0);
});

test('a template is none where the share is usual', () => {
  const { anomalies, ask } = settled();
  ask(200, everyFifth, (at) => `${'Translate the following text: '.repeat(3)}${at}`);
  expect(anomalies.counts(NOW + 200_000)).toEqual({ share: 0, beginning: 0, ending: 0 });
});
