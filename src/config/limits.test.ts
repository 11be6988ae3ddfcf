import { describe, expect, test } from 'vitest';
import { configFile } from '../../test/support/config-file.ts';

const { problems } = configFile();
const ENV = { K: 'key-0123456789abcd' };
const said = (yaml: string): string => problems(yaml, ENV).join('\n');

const LIMITS = [
  'maxBodyBytes',
  'maxBufferedBytes',
  'maxDepth',
  'maxMembers',
  'maxItems',
  'maxInFlight',
  'maxWaitMs',
  'maxAttempts',
  'totalMs',
  'drainMs',
  'drainAcceptMs',
];

describe.each(LIMITS)('limits.%s', (name) => {
  test.each([
    [-1, 'must be at least'],
    [2 ** 31, 'must be at most'],
    [1.5, 'must be a whole number'],
    ['lots', 'must be a number, not text'],
  ])('of %s is refused with its place', (value, why) => {
    expect(said(`limits: { ${name}: ${value} }`)).toMatch(
      new RegExp(`^smallfirst\\.yaml:1:\\d+  \`limits\\.${name}\` ${why}`),
    );
  });

  test('of 0 is refused where it would let nothing through', () => {
    const means = ['maxWaitMs', 'drainMs', 'drainAcceptMs'].includes(name);
    expect(said(`limits: { ${name}: 0 }`) === '').toBe(means);
  });
});

test.each([
  [
    'limits: { maxBodyBytes: 30000000, maxBufferedBytes: 1000000 }',
    'smallfirst.yaml:1:25  must be at most `limits.maxBufferedBytes`, 1000000',
  ],
  [
    'limits: { drainMs: 1000, drainAcceptMs: 5000 }',
    'smallfirst.yaml:1:41  must be at most `limits.drainMs`, 1000',
  ],
  [
    "auth: { mode: keys, keys: [{ name: a, key: '${K}', limits: { concurrent: 2000 } }] }",
    'smallfirst.yaml:1:74  must be at most `limits.maxInFlight`, 1024, which all share',
  ],
  [
    "limits: { maxInFlight: 10 }\nauth: { mode: keys, teams: [{ name: t, limits: { concurrent: 11 } }], keys: [{ name: a, key: '${K}', team: t }] }",
    'smallfirst.yaml:2:62  must be at most `limits.maxInFlight`, 10',
  ],
])('%s contradicts itself', (yaml, message) => {
  expect(said(yaml)).toContain(message);
});

test.each([
  ['onAnomaly: clamp', '`budgets[0].large` must have `share`, `usdPerHour` or both'],
  [
    'share: 0.5, onAnomaly: clmp',
    '`budgets[0].large.onAnomaly` must be one of `warn`, `clamp`; did you mean `clamp`?',
  ],
])('large: { %s } is refused', (large, message) => {
  expect(said(`budgets: [{ name: b, usd: 1, per: day, large: { ${large} } }]`)).toContain(message);
});

test('limits that just fit are taken', () => {
  expect(
    said(
      `limits: { maxBodyBytes: 1000000, maxBufferedBytes: 1000000, drainMs: 1000, drainAcceptMs: 1000, maxInFlight: 10 }
auth: { mode: keys, keys: [{ name: a, key: '\${K}', limits: { concurrent: 10 } }] }`,
    ),
  ).toBe('');
});
