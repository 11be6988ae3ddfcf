/** Invariants 2 and 3: what must stay local never reaches the cloud, whatever goes wrong on the way. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  expectMasked,
  expectMaskedOrStayed,
  expectStayed,
  expectTruthfulRecord,
  holdsSeen,
  isMaskable,
} from './support/expect-residency.ts';
import {
  anyCase,
  anyCheckedCase,
  anyCollectedCase,
  anyMaskedCase,
  mustStay,
} from './support/residency-case.ts';
import { runCase } from './support/residency-world.ts';

/** A few hundred here; `test/slow/residency.test.ts` has ten thousand. */
const RUNS = 500;
/** Less than a second of work; a machine with much else to do takes longer. */
const PATIENCE_MS = 60_000;

test(
  'not one byte of a request that must stay reaches the cloud, and what is refused says so',
  { timeout: PATIENCE_MS },
  async () => {
    const reached = { cloud: 0, local: 0, refused: 0, seen: 0 };
    await fc.assert(
      fc.asyncProperty(anyCase, async (one) => {
        const outcome = await runCase(one);
        expectStayed(one, outcome);
        expectTruthfulRecord(outcome);
        if (!mustStay(one) && outcome.cloud.calls > 0) reached.cloud += 1;
        if (outcome.records.some(holdsSeen)) reached.seen += 1;
        if (mustStay(one) && outcome.local.calls > 0) reached.local += 1;
        if (outcome.error?.code === 'policy_residency') reached.refused += 1;
      }),
      { numRuns: RUNS },
    );
    // A world in which nothing ever leaves, or everything is refused, would show nothing.
    expect(reached.cloud).toBeGreaterThan(RUNS / 100);
    expect(reached.local).toBeGreaterThan(RUNS / 100);
    expect(reached.refused).toBeGreaterThan(RUNS / 100);
    expect(reached.seen).toBeGreaterThan(RUNS / 100);
  },
);

test(
  'nor the file of what is collected for distillation, which other requests reach masked',
  { timeout: PATIENCE_MS },
  async () => {
    const reached = { kept: 0, collected: 0, masked: 0 };
    await fc.assert(
      fc.asyncProperty(anyCollectedCase(), async (one) => {
        const outcome = await runCase(one);
        expectMaskedOrStayed(one, outcome);
        if (!isMaskable(one) && mustStay(one)) reached.kept += 1;
        if (outcome.collected.length > 0) reached.collected += 1;
        if (/<[A-Z_]+_1>/.test(JSON.stringify(outcome.collected))) reached.masked += 1;
      }),
      { numRuns: 2 * RUNS },
    );
    expect(reached.kept).toBeGreaterThan(RUNS / 100);
    expect(reached.collected).toBeGreaterThan(RUNS / 100);
    expect(reached.masked).toBeGreaterThan(0);
  },
);

test(
  'nor by a check that fails, an audit, or what is asked in the background',
  { timeout: PATIENCE_MS },
  async () => {
    const reached = { kept: 0, drafts: 0, audits: 0 };
    await fc.assert(
      fc.asyncProperty(anyCheckedCase, async (one) => {
        const outcome = await runCase(one);
        expectStayed(one, outcome);
        expectTruthfulRecord(outcome);
        const attempts = outcome.records.flatMap((record) => record.attempts);
        if (attempts.some(({ isKept }) => isKept === true)) reached.kept += 1;
        if (attempts.some(({ kind }) => kind === 'draft')) reached.drafts += 1;
        if (attempts.some(({ kind }) => kind === 'audit')) reached.audits += 1;
      }),
      { numRuns: 2 * RUNS },
    );
    // Answers that are kept and audits are rare: some ten each.
    expect(reached.kept).toBeGreaterThan(0);
    expect(reached.drafts).toBeGreaterThan(RUNS / 100);
    expect(reached.audits).toBeGreaterThan(0);
  },
);

test(
  'where the policy masks instead, nothing personal reaches the cloud either',
  { timeout: PATIENCE_MS },
  async () => {
    const reached = { masked: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(anyMaskedCase(), async (one) => {
        const outcome = await runCase(one);
        expectMasked(one, outcome);
        expectTruthfulRecord(outcome);
        if (/<(EMAIL|CARD|IBAN|PHONE|IP)_1>/.test(outcome.cloud.text)) reached.masked += 1;
        if (outcome.error?.code === 'policy_residency') reached.refused += 1;
      }),
      { numRuns: RUNS },
    );
    expect(reached.masked).toBeGreaterThan(RUNS / 100);
    expect(reached.refused).toBeGreaterThan(RUNS / 100);
  },
);
