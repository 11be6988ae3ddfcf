import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Attempt } from '../core/record.ts';
import { aRecord } from '../../test/support/record.ts';
import {
  UNTIL_MS,
  answeredLarge,
  answeredSmall,
  large,
  modelled,
  reportOn,
  small,
} from '../../test/support/reported.ts';

describe('requests', () => {
  test('are counted by outcome and by tier', () => {
    const { requests } = reportOn([
      answeredSmall(),
      answeredSmall(),
      answeredSmall({ degraded: 'cloud-unconfigured' }),
      answeredLarge(),
      aRecord({ outcome: 'refused', status: 403, attempts: [], baselineNanoUsd: null }),
    ]);
    expect(requests).toMatchObject({
      total: 5,
      outcomes: { answered: 4, failed: 0, refused: 1, aborted: 0 },
      small: 3,
      large: 1,
      smallShare: 0.75,
      degraded: 1,
    });
  });

  test('with a model that the caller chose are not in the share', () => {
    const { requests } = reportOn([
      answeredSmall(),
      aRecord({ attempts: [small({ tier: 'pinned' })] }),
    ]);
    expect(requests).toMatchObject({ small: 1, pinned: 1, smallShare: 1 });
  });

  test('are those of the given period', () => {
    expect(reportOn([answeredSmall({ atMs: UNTIL_MS })]).requests.total).toBe(0);
  });

  test('without any, every figure is 0 or unknown', () => {
    const { period, requests, savings, claim, machine } = reportOn([]);
    expect(period).toMatchObject({ firstMs: null, spanMs: 0 });
    expect(requests.smallShare).toBeNull();
    expect(savings.money.saved).toEqual({ low: 0, high: 0 });
    expect(claim).toMatchObject({ share: null, requests: 0 });
    expect(machine.idleNanoUsd).toBe(0);
  });
});

describe('what was spent', () => {
  test('is split by purpose', () => {
    const failed = large({ outcome: 'failed', cause: 'interrupted' });
    const { spending } = reportOn([
      answeredSmall(),
      aRecord({ attempts: [failed, small()] }),
      aRecord({ attempts: [small({ outcome: 'failed', cause: 'bad_answer' }), large()] }),
      aRecord({ attempts: [small({ outcome: 'aborted', cause: 'aborted' })], outcome: 'aborted' }),
      aRecord({ attempts: [large({ outcome: 'failed' }), large()] }),
      aRecord({ shadowOf: 'req_1', attempts: [large({ shadow: true })] }),
      aRecord({ attempts: [small({ kind: 'draft' }), small({ kind: 'repair' }), large()] }),
      aRecord({ shadowOf: 'req_2', attempts: [large({ kind: 'audit' })] }),
    ]);
    const spent = Object.fromEntries(
      Object.entries(spending.purposes).map(([name, { nanoUsd }]) => [name, nanoUsd]),
    );
    expect(spent).toEqual({
      answers: 4_000 + 675_000,
      fallbacks: 4_000 + 675_000,
      retries: 675_000,
      wasted_small: 4_000,
      wasted_large: 2 * 675_000,
      cut_off: 4_000,
      drafts: 4_000,
      repairs: 4_000,
      shadow: 675_000,
      audits: 675_000,
    });
  });

  test('is summed by kind and by upstream', () => {
    const { spending } = reportOn([answeredSmall(), answeredLarge(), answeredLarge()]);
    expect(spending.kinds).toEqual({ energy: 4_000, input: 350_000, output: 1_000_000 });
    expect(spending.upstreams['local']).toMatchObject({ attempts: 1, nanoUsd: 4_000 });
    expect(spending.upstreams['cloud']).toMatchObject({ attempts: 2, nanoUsd: 1_350_000 });
  });

  test('counts attempts without a price or energy, which are not taken for 0', () => {
    const { spending, savings } = reportOn([
      aRecord({ attempts: [large({ cost: null, energy: null })], baselineNanoUsd: null }),
      aRecord({ attempts: [large({ cost: null, energy: null, usage: undefined! })].map(unused) }),
    ]);
    expect(spending.total).toMatchObject({ attempts: 2, unpriced: 1, unmetered: 1 });
    expect(savings.money).toMatchObject({ requests: 1, unknown: 1 });
  });

  test('has energy by method, and carbon and water where they are known', () => {
    const carbon = {
      operational: { lowG: 1, highG: 2 },
      embodied: { lowG: 0.1, highG: 0.1 },
      method: 'modelled',
      source: '',
    } as const;
    const { spending } = reportOn([
      aRecord({ attempts: [large({ carbon })] }),
      aRecord({ attempts: [small({ energy: { ...modelled(5, 5), method: 'measured' } })] }),
    ]);
    expect(spending.methods).toEqual({
      modelled: { low: 300, high: 500, attempts: 1 },
      measured: { low: 5, high: 5, attempts: 1 },
    });
    expect(spending.carbon).toMatchObject({ low: 1, high: 2, attempts: 1, unknown: 1 });
    expect(spending.carbon.embodied).toEqual({ low: 0.1, high: 0.1, attempts: 1 });
    expect(spending.water).toMatchObject({ attempts: 0, unknown: 2 });
  });
});

/** As in a ledger: members that are undefined are absent. */
const unused = (attempt: Attempt): Attempt => JSON.parse(JSON.stringify(attempt)) as Attempt;

describe('what was saved', () => {
  test('is the large model’s price less all spending, with the range of the electricity', () => {
    const { money } = reportOn([answeredSmall()]).savings;
    expect(money.baseline).toEqual({ low: 675_000, high: 675_000 });
    expect(money.saved).toEqual({ low: 675_000 - 6_000, high: 675_000 - 2_000 });
  });

  test('is reduced by unused answers, shadows and failed requests', () => {
    const wasted = small({ outcome: 'failed' });
    const { money } = reportOn([
      answeredLarge({ attempts: [wasted, large()] }),
      answeredLarge({
        shadowOf: 'req_1',
        attempts: [large({ shadow: true })],
        baselineNanoUsd: null,
      }),
      aRecord({ outcome: 'failed', status: 502, attempts: [wasted], baselineNanoUsd: null }),
    ]).savings;
    expect(money.unknown).toBe(0);
    expect(money.saved).toEqual({ low: -675_000 - 12_000, high: -675_000 - 4_000 });
  });

  test('is exactly 0 in energy where the large model answered', () => {
    const { energy } = reportOn([answeredLarge()]).savings;
    expect(energy.saved).toEqual({ low: 0, high: 0 });
  });

  test('in energy is the interval difference of both ranges', () => {
    const { energy } = reportOn([answeredSmall()]).savings;
    expect(energy.saved).toEqual({ low: 300 - 60, high: 500 - 20 });
  });

  test('pays for the machine, whose price is spread over its lifetime', () => {
    const { machine, savings } = reportOn([answeredSmall()], { idleWatts: 24, hardwareUsd: 1095 });
    // 15 days at 24 W: 8.64 kWh at 0.36 USD; 1,095 USD over 3 x 365 days is a dollar a day.
    expect(machine.idleNanoUsd).toBe(3_110_400_000);
    expect(machine.hardwareNanoUsd).toBe(15_000_000_000);
    expect(savings.moneyAfterMachine.high).toBe(675_000 - 2_000 - 18_110_400_000);
    expect(savings.energyAfterMachine.low).toBeCloseTo(240 - 8.64 * 3.6e6, 3);
  });

  test('pays for no machine if no model ran on it', () => {
    const { machine } = reportOn([answeredLarge()], { idleWatts: 24, hardwareUsd: 1095 });
    expect(machine).toMatchObject({ idleNanoUsd: 0, hardwareNanoUsd: null });
  });
});

describe('a small answer against the large one', () => {
  const breakEvenOf = (smallJ: number, machine: object = {}) =>
    reportOn(
      [
        answeredSmall({
          attempts: [small({ energy: modelled(smallJ, smallJ) })],
          baselineEnergy: modelled(1000, 1000),
        }),
        answeredLarge(),
      ],
      machine,
    ).claim;

  test('has the share of both energies', () => {
    expect(breakEvenOf(50)).toMatchObject({ requests: 1, share: { low: 0.05, high: 0.05 } });
    const { share } = reportOn([answeredSmall()]).claim;
    expect(share).toEqual({ low: 20 / 500, high: 60 / 300 });
  });

  test('includes unused small answers', () => {
    const record = answeredSmall({ attempts: [large({ outcome: 'failed' }), small()] });
    expect(reportOn([record]).claim.share).toEqual({ low: 320 / 500, high: 560 / 300 });
  });

  test('has a share with the machine’s idle energy', () => {
    const { share, shareWithIdle } = breakEvenOf(50, { idleWatts: 10 });
    expect(share!.low).toBe(0.05);
    // 15 days at 10 W are 12.96 MJ.
    expect(shareWithIdle!.low).toBeCloseTo((50 + 12_960_000) / 1000, 6);
  });

  test('is in kWh a month at this rate', () => {
    const { month } = breakEvenOf(50, { idleWatts: 10 });
    // 15 days of records, so a month is twice of each; 30 days at 10 W are 7.2 kWh.
    expect(month.idle.low).toBeCloseTo(7.2, 9);
    expect(month.small.low).toBeCloseTo(100 / 3.6e6, 12);
    expect(month.large.high).toBeCloseTo(2000 / 3.6e6, 12);
  });

  test('has the break-even in requests a month', () => {
    const { energy, money } = breakEvenOf(50, { idleWatts: 10 }).breakEven;
    // 30 days at 10 W: 25.92 MJ, at 950 J a request.
    expect(energy).toEqual({ best: 27_285, worst: 27_285, requestsAMonth: 2 });
    expect(money.best).toBeGreaterThan(0);
  });

  test('has no break-even if the small model takes more than the large one', () => {
    expect(breakEvenOf(2000, { idleWatts: 10 }).breakEven.energy).toMatchObject({
      best: null,
      worst: null,
    });
  });
});

test('the figures that the page on energy names are in the report', () => {
  const page = readFileSync('src/meters/README.md', 'utf8');
  const { claim } = reportOn([answeredSmall()]);
  const named = [...page.matchAll(/`claim\.([\w.]+)`/g)].map(([, path]) => path!.split('.'));
  expect(named.length).toBeGreaterThan(0);
  for (const path of named) expect(claim).toHaveProperty(path);
});
