import { expect } from 'vitest';
import type { UsageRecord } from '../../src/core/record.ts';
import { nothingSeen } from './brittle-upstream.ts';
import { mustStay, type ResidencyCase } from './residency-case.ts';
import type { Outcome } from './residency-world.ts';

/** What the judge saw of the request, in numbers. */
export const holdsSeen = ({ readings: { complexity } }: UsageRecord): boolean =>
  complexity?.kind === 'score' && complexity.seen !== undefined;

/** Nothing reached the cloud or the file of what is collected, no numbers of it the ledger, and a refusal names its reason. */
export function expectStayed(
  one: ResidencyCase,
  { cloud, error, records, collected }: Outcome,
): void {
  if (!mustStay(one)) return;
  expect(cloud).toEqual(nothingSeen());
  expect(collected).toEqual([]);
  expect(records.filter(holdsSeen)).toEqual([]);
  const decision = records[0]?.decision;
  if (decision?.kind !== 'refuse') return;
  const residency = decision.excluded.some(({ by }) => by === 'constraint');
  expect(residency).toBe(decision.excluded.some(({ target }) => target.locality === 'cloud'));
  if (!residency) return;
  const isPassed = one.call.operation === 'passthrough';
  expect(decision.code).toBe('policy_residency');
  expect(error?.code).toBe(isPassed ? 'caller_unknown_route' : 'policy_residency');
  expect(error?.status).toBe(isPassed ? 404 : 403);
}

/** The recorded egress bytes equal the bytes that arrived. */
export function expectTruthfulRecord({ cloud, local, records }: Outcome): void {
  const left = { localBytes: 0, cloudBytes: 0 };
  for (const { egress } of records) {
    left.localBytes += egress?.localBytes ?? 0;
    left.cloudBytes += egress?.cloudBytes ?? 0;
  }
  expect(left).toEqual({ localBytes: local.bodyBytes, cloudBytes: cloud.bodyBytes });
}

/** The planted value did not reach the cloud, neither plain nor percent-encoded, nor the file of what is collected. */
export function expectMasked({ planted }: ResidencyCase, { cloud, collected }: Outcome): void {
  if (planted === undefined) return;
  expect(JSON.stringify(collected)).not.toContain(planted);
  expect(cloud.text).not.toContain(planted);
  expect(cloud.text).not.toContain(encodeURIComponent(planted));
}

/** What the policy would keep here may leave masked instead. */
export const isMaskable = ({ policy }: ResidencyCase): boolean =>
  policy.constraints.some(({ redact }) => redact !== undefined);

/** Whichever of the two its policy wants. */
export function expectMaskedOrStayed(one: ResidencyCase, outcome: Outcome): void {
  if (isMaskable(one)) expectMasked(one, outcome);
  else expectStayed(one, outcome);
}
