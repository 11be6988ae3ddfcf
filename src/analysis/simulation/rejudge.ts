/** Decides one recorded request again under another policy. */
import type { Decision, Target } from '../../core/decision.ts';
import type { Domain, Policy } from '../../core/policy.ts';
import type { UsageRecord } from '../../core/record.ts';
import { abstain, type Readings } from '../../core/signal.ts';
import { decide } from '../../engine/decide.ts';
import { fromRecord } from '../../engine/record-situation.ts';
import { relearning } from './relearning.ts';

/** Why a record cannot be decided again. */
export type Unusable = 'undecided' | 'withoutSituation' | 'shadow';

export type Rejudged =
  | { readonly kind: 'unusable'; readonly why: Unusable }
  | {
      readonly kind: 'decided';
      readonly was: Decision;
      readonly now: Decision;
      /** Membership in this policy's domains was never evaluated, and cannot be without the prompt. */
      readonly domainUnread: boolean;
      /** What this policy learned cannot be added: what the judge saw was not kept. */
      readonly learnedUnread: boolean;
      /** Decided by the same policy with another calibration. */
      readonly otherThreshold: boolean;
    };

/** `known`: policies whose domains are compared with this policy's. */
export function rejudge(
  policy: Policy,
  known: readonly Policy[],
): (record: UsageRecord) => Rejudged {
  const sameDomainVersions = new Set(
    [policy, ...known]
      .filter(({ domains }) => sameDomains(domains, policy.domains))
      .map(({ version }) => version),
  );
  const names = new Set(policy.domains.map(({ name }) => name));
  const learned = relearning(policy, known);
  return (record) => {
    const { decision: was } = record;
    if (record.shadowOf !== undefined) return { kind: 'unusable', why: 'shadow' };
    if (was === undefined) return { kind: 'unusable', why: 'undecided' };
    const inputs = fromRecord(record);
    if (inputs === undefined) return { kind: 'unusable', why: 'withoutSituation' };
    const { ask, situation } = inputs;
    const isRead = sameDomainVersions.has(was.policy.version);
    const { readings, isUnread } = learned(situation.readings, was.policy.version);
    const judged = { ...situation, readings: isRead ? readings : knownDomains(readings, names) };
    return {
      kind: 'decided',
      was,
      now: decide(ask, judged, policy),
      domainUnread: !isRead && names.size > 0 && ask.kind === 'routed',
      learnedUnread: isUnread && ask.kind === 'routed',
      otherThreshold:
        was.policy.version === policy.version && was.threshold !== policy.threshold.value,
    };
  };
}

function sameDomains(a: readonly Domain[], b: readonly Domain[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** A domain that this policy does not have counts as none; one of the same name counts as the same. */
function knownDomains(readings: Readings, names: ReadonlySet<string>): Readings {
  const { domain } = readings;
  if (domain?.kind !== 'score' || (domain.value !== undefined && names.has(domain.value))) {
    return readings;
  }
  return { ...readings, domain: abstain('none of the domains of the tried policy') };
}

/** The first target; undefined = refused. */
export const placeOf = (decision: Decision): Target | undefined =>
  decision.kind === 'route' ? decision.targets[0] : undefined;

export function isSamePlace(a: Target | undefined, b: Target | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.upstream === b.upstream && a.model === b.model;
}
