import fc from 'fast-check';
import { expect, test } from 'vitest';
import { aRecord } from '../../test/support/record.ts';
import {
  answeredLarge,
  answeredSmall,
  large,
  modelled,
  reportOn,
  small,
} from '../../test/support/reported.ts';
import { PURPOSES } from '../figures/purposes.ts';

const attempts = fc.array(
  fc.record({
    isSmall: fc.boolean(),
    nano: fc.option(fc.integer({ min: 0, max: 1e9 })),
    low: fc.integer({ min: 0, max: 1000 }),
    more: fc.integer({ min: 0, max: 1000 }),
    isShadow: fc.boolean(),
    isOk: fc.boolean(),
  }),
  { maxLength: 4 },
);

test('every nano-dollar and every joule is in exactly one purpose and one upstream', () => {
  fc.assert(
    fc.property(fc.array(attempts, { maxLength: 8 }), fc.boolean(), (requests, isAnswered) => {
      const records = requests.map((each) =>
        aRecord({
          outcome: isAnswered ? 'answered' : 'failed',
          attempts: each.map(({ isSmall, nano, low, more, isShadow, isOk }) =>
            (isSmall ? small : large)({
              outcome: isOk ? 'ok' : 'failed',
              energy: modelled(low, low + more),
              cost: nano === null ? null : { totalNanoUsd: nano, kinds: { any: nano }, source: '' },
              ...(isShadow ? { shadow: true as const } : {}),
            }),
          ),
        }),
      );
      const { total, purposes, upstreams, kinds } = reportOn(records).spending;
      const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
      for (const parts of [Object.values(purposes), Object.values(upstreams)]) {
        expect(sum(parts.map(({ nanoUsd }) => nanoUsd))).toBe(total.nanoUsd);
        expect(sum(parts.map(({ joules }) => joules.high))).toBe(total.joules.high);
        expect(sum(parts.map(({ unpriced }) => unpriced))).toBe(total.unpriced);
      }
      expect(sum(Object.values(kinds))).toBe(total.nanoUsd);
      expect(Object.keys(purposes)).toEqual([...PURPOSES]);
    }),
    { numRuns: 60 },
  );
});

test('the order of the records does not matter', () => {
  const records = [answeredSmall(), answeredLarge({ atMs: 1_790_000_500_000 }), answeredSmall()];
  expect(reportOn(records.toReversed())).toEqual(reportOn(records));
});
