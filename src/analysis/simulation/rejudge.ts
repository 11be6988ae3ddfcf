/** One recorded request, decided again under another policy. */
import type { Decision, Target } from '../../core/decision.ts';
import type { Domain, Policy } from '../../core/policy.ts';
import type { UsageRecord } from '../../core/record.ts';
import { abstain, type Readings } from '../../core/signal.ts';
import { decide } from '../../engine/decide.ts';
import { fromRecord } from '../../engine/record-situation.ts';

/** Why a record could not be decided again. */
export type Unusable = 'undecided' | 'withoutSituation' | 'shadow';

export type Rejudged =
  | { readonly kind: 'unusable'; readonly why: Unusable }
  | {
      readonly kind: 'decided';
      readonly was: Decision;
      readonly now: Decision;
      /** Whether it is one of this policy's domains was never asked: the prompt is not there to be read. */
      readonly domainUnread: boolean;
      /** The same policy, from the days of another calibration. */
      readonly otherThreshold: boolean;
    };

/** `known`: policies whose domains can be compared with this one's. */
export function rejudge(
  policy: Policy,
  known: readonly Policy[],
): (record: UsageRecord) => Rejudged {
  const alike = new Set(
    [policy, ...known]
      .filter(({ domains }) => sameDomains(domains, policy.domains))
      .map(({ version }) => version),
  );
  const names = new Set(policy.domains.map(({ name }) => name));
  return (record) => {
    const { decision: was } = record;
    if (record.shadowOf !== undefined) return { kind: 'unusable', why: 'shadow' };
    if (was === undefined) return { kind: 'unusable', why: 'undecided' };
    const recalled = fromRecord(record);
    if (recalled === undefined) return { kind: 'unusable', why: 'withoutSituation' };
    const { ask, situation } = recalled;
    const isRead = alike.has(was.policy.version);
    const judged = isRead
      ? situation
      : { ...situation, readings: knownDomains(situation.readings, names) };
    return {
      kind: 'decided',
      was,
      now: decide(ask, judged, policy),
      domainUnread: !isRead && names.size > 0 && ask.kind === 'routed',
      otherThreshold:
        was.policy.version === policy.version && was.threshold !== policy.threshold.value,
    };
  };
}

function sameDomains(a: readonly Domain[], b: readonly Domain[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** A domain that this policy does not have is none of its own; one of the same name is taken for the same. */
function knownDomains(readings: Readings, names: ReadonlySet<string>): Readings {
  const { domain } = readings;
  if (domain?.kind !== 'score' || (domain.value !== undefined && names.has(domain.value))) {
    return readings;
  }
  return { ...readings, domain: abstain('none of the domains of the policy that is tried') };
}

/** Where it goes first; undefined = refused. */
export const placeOf = (decision: Decision): Target | undefined =>
  decision.kind === 'route' ? decision.targets[0] : undefined;

export function isSamePlace(a: Target | undefined, b: Target | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.upstream === b.upstream && a.model === b.model;
}
