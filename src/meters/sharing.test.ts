import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { OpenAttribution } from '../core/meter.ts';
import { createSharing, type SharingOptions } from './sharing.ts';

function harness(change: Partial<SharingOptions> = {}) {
  let now = 0;
  const sharing = createSharing({
    nowMs: () => now,
    method: 'measured',
    source: 'test',
    ...change,
  });
  let counted = 0;
  return {
    sharing,
    /** Advances time at a power, and samples at the end. */
    draw: (seconds: number, watts: number) => {
      now += seconds * 1000;
      counted += seconds * watts;
      sharing.sample([counted, counted], now);
    },
    wait: (seconds: number) => (now += seconds * 1000),
    /** Advances time at a power, without a sample. */
    drawUnseen: (seconds: number, watts: number) => {
      now += seconds * 1000;
      counted += seconds * watts;
    },
  };
}

const sum = (values: readonly number[]): number => values.reduce((all, each) => all + each, 0);

describe('sharing', () => {
  test('gives an attempt that runs alone all power above idle, as measured', () => {
    const { sharing, draw } = harness();
    draw(0, 0);
    draw(2, 30);
    const attempt = sharing.start();
    draw(1, 110);
    draw(1, 90);
    expect(attempt.end()).toMatchObject({
      energy: { lowJ: 140, highJ: 140, method: 'measured' },
      machineMs: 2000,
    });
    expect(sharing.report()).toMatchObject({ idleWatts: 30, totalJ: [260, 260], idleJ: 120 });
  });

  test('halves the power while two attempts run', () => {
    const { sharing, draw } = harness({ idleWatts: 10 });
    draw(0, 0);
    const first = sharing.start();
    draw(1, 50);
    const second = sharing.start();
    draw(2, 70);
    expect(first.end().energy).toMatchObject({ lowJ: 40 + 60, method: 'attributed' });
    expect(second.end().energy).toMatchObject({ lowJ: 60, method: 'attributed' });
    expect(second.end()).toBe(second.end());
  });

  test('charges an attempt that ends between samples by the recent power, and settles it later', () => {
    const { sharing, draw, drawUnseen } = harness({ idleWatts: 10 });
    draw(0, 0);
    const long = sharing.start();
    draw(4, 60);
    long.end();
    drawUnseen(0.3, 10);
    const short = sharing.start();
    drawUnseen(0.2, 90);
    const { energy } = short.end();
    expect(energy.lowJ).toBeCloseTo(50 * 0.2, 9);
    expect(energy.method).toBe('attributed');
    draw(0.5, 10);
    // That second: 0.2 s at 90 W, the rest idle. 16 J above idle, of which 10 were charged.
    const { idleJ, chargedJ, totalJ } = sharing.report();
    expect(chargedJ[0]).toBeCloseTo(200 + 10, 9);
    expect(idleJ).toBeCloseTo(totalJ[0] - chargedJ[0], 9);
  });

  test('says that a power is assumed until one was seen', () => {
    const { sharing, draw, wait } = harness({ idleWatts: 5, maxWatts: 65 });
    draw(0, 0);
    const attempt = sharing.start();
    wait(2);
    expect(attempt.end().energy).toMatchObject({ lowJ: 0, highJ: 120, method: 'modelled' });
  });

  test('never charges a short answer more than the machine can draw', () => {
    const { sharing, draw, wait } = harness({ idleWatts: 10, maxWatts: 110 });
    draw(0, 0);
    const attempt = sharing.start();
    wait(0.01);
    attempt.end();
    // Another program was busy for the rest of the second.
    draw(0.99, 80);
    expect(sharing.report().busyWatts).toEqual([100, 100]);
  });

  test('counts most energy as idle where attempts ran for a small part of the interval', () => {
    const { sharing, draw, wait } = harness({ idleWatts: 10 });
    draw(0, 0);
    const attempt = sharing.start();
    wait(0.01);
    attempt.end();
    draw(0.99, 100);
    // A hundredth of the time: ten hundredths of the 89.1 J above idle at most.
    expect(sharing.report().busyWatts?.[0]).toBeCloseTo((99 - 10) * 10, 9);
  });

  test('shares power with attempts of other processes, and what is idle in equal parts', () => {
    const { sharing, draw } = harness({ idleWatts: 10, processes: 2 });
    draw(0, 0);
    draw(1, 10);
    const attempt = sharing.start();
    draw(1, 70);
    sharing.runElsewhere(2);
    draw(1, 100);
    sharing.runElsewhere(0);
    expect(attempt.end().energy).toMatchObject({ lowJ: 60 + 30, method: 'attributed' });
    sharing.runElsewhere(1);
    draw(1, 50);
    const { totalJ, idleJ, idleRemainderJ } = sharing.report();
    expect(idleJ).toBeCloseTo(4 * 5, 9);
    expect(idleRemainderJ[0]).toBeCloseTo(4 * 5, 9);
    expect(totalJ[0]).toBeCloseTo(4 * 5 + 90, 9);
  });

  test('does not charge the loading of a model to requests that wait for it', () => {
    const { sharing, draw } = harness({ idleWatts: 10 });
    draw(0, 0);
    const attempt = sharing.start();
    const loaded = sharing.loading();
    draw(3, 50);
    loaded();
    loaded();
    draw(1, 70);
    expect(attempt.end().energy.lowJ).toBeCloseTo(60, 9);
    expect(sharing.report().loadingJ[0]).toBeCloseTo(120, 9);
  });

  test('keeps the range of a modelled meter, and its method', () => {
    let now = 0;
    const sharing = createSharing({
      nowMs: () => now,
      method: 'modelled',
      source: 'test',
      idleWatts: 10,
    });
    sharing.sample([0, 0], 0);
    const attempt = sharing.start();
    now = 1000;
    sharing.sample([30, 50], now);
    expect(attempt.end().energy).toMatchObject({ lowJ: 20, highJ: 40, method: 'modelled' });
  });
});

/** One step: time passes at a power, then an attempt starts or ends, or a sample is taken. */
const stepParts = {
  seconds: fc.double({ min: 0, max: 3, noNaN: true }),
  watts: fc.double({ min: 0, max: 400, noNaN: true }),
  act: fc.constantFrom('start', 'start', 'end', 'end', 'sample', 'load', 'loaded'),
  pick: fc.nat(),
};
const step = fc.record(stepParts);

test('charges, idle and loading add up to what the meter counted, to a millionth', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      const { sharing, draw, drawUnseen } = harness();
      draw(0, 0);
      const open: OpenAttribution[] = [];
      const loads: (() => void)[] = [];
      const charges: number[] = [];
      for (const { seconds, watts, act, pick } of steps) {
        if (act === 'sample') draw(seconds, watts);
        else drawUnseen(seconds, watts);
        if (act === 'start') open.push(sharing.start());
        if (act === 'load') loads.push(sharing.loading());
        if (act === 'loaded') loads.pop()?.();
        const [ended] = act === 'end' ? open.splice(pick % Math.max(1, open.length), 1) : [];
        if (ended !== undefined) charges.push(ended.end().energy.lowJ);
      }
      for (const load of loads) load();
      for (const attempt of open) charges.push(attempt.end().energy.lowJ);
      draw(1, 20);
      const { totalJ, chargedJ, loadingJ, idleRemainderJ } = sharing.report();
      const tolerance = 1e-6 * Math.max(1, totalJ[0]);
      expect(Math.abs(chargedJ[0] - sum(charges))).toBeLessThan(tolerance);
      const accounted = chargedJ[0] + loadingJ[0] + idleRemainderJ[0];
      expect(Math.abs(accounted - totalJ[0])).toBeLessThan(tolerance);
    }),
    { numRuns: 200 },
  );
});

test('the parts of several processes add up to what the meter counted, to a millionth', () => {
  const acts = fc.record({ ...stepParts, at: fc.nat({ max: 2 }) });
  fc.assert(
    fc.property(fc.array(acts, { maxLength: 200 }), (steps) => {
      let now = 0;
      let counted = 0;
      const all = [0, 1, 2].map(() => ({
        sharing: createSharing({
          nowMs: () => now,
          method: 'measured',
          source: 'test',
          processes: 3,
        }),
        open: [] as OpenAttribution[],
      }));
      const sampled = (): void => {
        for (const { sharing } of all) sharing.sample([counted, counted], now);
      };
      const told = (): void => {
        const running = sum(all.map(({ open }) => open.length));
        for (const { sharing, open } of all) sharing.runElsewhere(running - open.length);
      };
      sampled();
      for (const { seconds, watts, act, pick, at } of steps) {
        now += seconds * 1000;
        counted += seconds * watts;
        const { sharing, open } = all[at]!;
        if (act === 'sample') sampled();
        if (act === 'start') open.push(sharing.start());
        if (act === 'end') open.splice(pick % Math.max(1, open.length), 1)[0]?.end();
        told();
      }
      for (const { open } of all) for (const attempt of open.splice(0)) attempt.end();
      told();
      sampled();
      const reports = all.map(({ sharing }) => sharing.report());
      const tolerance = 1e-6 * Math.max(1, counted);
      expect(Math.abs(sum(reports.map(({ totalJ }) => totalJ[0])) - counted)).toBeLessThan(
        tolerance,
      );
      for (const { totalJ, chargedJ, idleRemainderJ } of reports)
        expect(Math.abs(chargedJ[0] + idleRemainderJ[0] - totalJ[0])).toBeLessThan(tolerance);
    }),
    { numRuns: 200 },
  );
});

test('600 overlapping answers are charged the integral of P/n', () => {
  const { sharing, draw } = harness({ idleWatts: 30 });
  draw(0, 0);
  let seed = 7;
  const random = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
  const spans = Array.from({ length: 600 }, () => {
    const from = Math.floor(random() * 6000);
    return { from, to: from + 1 + Math.floor(random() * 80) };
  });
  const open = new Map<number, OpenAttribution>();
  const got = new Map<number, number>();
  const expected = spans.map(() => 0);
  // Whole steps of a tenth of a second, sampled at each: then every charge is exact.
  for (let at = 0; at <= 6100; at++) {
    spans.forEach(({ from, to }, id) => {
      if (to === at) got.set(id, open.get(id)!.end().energy.lowJ);
      if (from === at) open.set(id, sharing.start());
    });
    const running = spans.flatMap(({ from, to }, id) => (from <= at && at < to ? [id] : []));
    const watts = 30 + 25 * Math.min(4, running.length);
    for (const id of running) expected[id]! += ((watts - 30) * 0.1) / running.length;
    draw(0.1, watts);
  }
  const worst = Math.max(...expected.map((joules, id) => Math.abs(got.get(id)! - joules)));
  expect(worst).toBeLessThan(1e-6);
  const { totalJ, chargedJ, idleJ } = sharing.report();
  expect(Math.abs(totalJ[0] - chargedJ[0] - idleJ)).toBeLessThan(1e-6 * totalJ[0]);
});
