/** What this gateway knows of its small answers' quality: audits kept, counted, and what they let a policy promise. */
import type { AuditedQuality } from '../core/admin-figures.ts';
import type { Audit, AuditOmission, Auditor } from '../core/audit.ts';
import type { Objective, Policy, Threshold } from '../core/policy.ts';
import type { Config } from '../config/config.ts';
import type { UsageRecord } from '../core/record.ts';
import type { Ledger } from '../core/store.ts';
import type { Upstream } from '../core/upstream.ts';
import { createAuditor } from '../quality/auditor.ts';
import type { Promised } from '../quality/promise.ts';
import { createPromises, type Audited, type Promises } from '../quality/promises.ts';
import type { ActivePolicies } from '../rollout/active-policy.ts';
import type { Log } from '../telemetry/log.ts';
import { knownJudges } from './cards.ts';
import { thresholdsWith } from './threshold.ts';
import type { FindOptions } from './upstreams.ts';

/** A promise rests on the audits of so long. */
const KEPT_MS = 90 * 86_400_000;

interface AuditCounts {
  /** By verdict and by who compared, and what was left out by its cause, since the start. */
  readonly made: ReadonlyMap<string, number>;
  readonly omitted: ReadonlyMap<AuditOmission, number>;
  readonly costNanoUsd: number;
}

export interface AuditRoom {
  readonly auditor: Auditor;
  readonly promises: Promises;
  /** For every objective: by audits where it is to be found by them. */
  thresholdFor(objective: Objective, smallModel: string | undefined, version: string): Threshold;
  /** Looks at what was published: takes a promise back where it does not hold any more. */
  observe(record: UsageRecord): void;
  /** Of the active policy; undefined for other objectives. */
  promise(): (Promised & { readonly said: string; readonly objective: number }) | undefined;
  /** What audits say of the active policy's small answers; null: nothing, and nothing is promised. */
  quality(): AuditedQuality | null;
  counts(): AuditCounts;
  /** Which policies are in force: known later than this room. */
  watch(policies: ActivePolicies): void;
}

interface Opening extends Pick<FindOptions, 'env' | 'printLine'> {
  readonly ledger: Pick<Ledger, 'addAudit' | 'auditsSince'>;
  readonly config: Pick<Config, 'judge'>;
  readonly found: readonly Upstream[];
  readonly log: Pick<Log, 'reportBug'>;
}

interface RoomOptions {
  readonly config: Pick<Config, 'judge'>;
  readonly found: readonly Upstream[];
  readonly printLine: (line: string) => void;
}

const epochMs = (): number => Date.now();

/** Reads the audits that are kept. @throws GatewayError when the store cannot be read */
export async function openAudits(options: Opening): Promise<AuditRoom> {
  const { ledger, env, printLine, log } = options;
  const judgeOf = knownJudges({ env, printLine });
  const known = await ledger.auditsSince(epochMs() - KEPT_MS);
  const promises = createPromises(known, judgeOf);
  const made = new Map<string, number>();
  const omitted = new Map<AuditOmission, number>();
  let costNanoUsd = 0;
  let policies: ActivePolicies | undefined;
  const onDone = (audit: Audit): void => {
    promises.add(audit);
    const name = `${audit.compared} ${audit.by}`;
    made.set(name, (made.get(name) ?? 0) + 1);
    costNanoUsd += audit.costNanoUsd ?? 0;
    ledger.addAudit(audit).catch(log.reportBug);
    policies?.revise((policy) => tightened(policy, options, promises));
  };
  const auditor = createAuditor({
    epochMs,
    judgeOf,
    onDone,
    onOmitted: (cause) => omitted.set(cause, (omitted.get(cause) ?? 0) + 1),
    say: printLine,
    spentNanoUsd: (sinceMs) =>
      promises
        .all()
        .filter(({ atMs }) => atMs >= sinceMs)
        .reduce((sum, audit) => sum + (audit.costNanoUsd ?? 0), 0),
  });
  return {
    auditor,
    promises,
    thresholdFor: (objective, smallModel, version) =>
      found(objective, whoseOf(smallModel ?? '', version, options), { options, promises }),
    observe: (record) => {
      if (record.shadowOf !== undefined || record.decision === undefined) return;
      const { domain } = record.readings;
      const name = domain?.kind === 'score' ? (domain.value ?? '') : '';
      promises.saw({ domain: name, complexity: record.decision.complexity });
    },
    promise: () => (policies === undefined ? undefined : promiseNow(policies, options, promises)),
    quality: () => (policies === undefined ? null : qualityNow(policies, options, promises)),
    counts: () => ({ made, omitted, costNanoUsd }),
    watch: (given) => {
      policies = given;
    },
  };
}

/** The weights behind a model's name, as its server says them now. */
function whoseOf(model: string, version: string, { found: all }: RoomOptions): Audited {
  const facts = all.map((upstream) => upstream.facts());
  const modelDigest = facts.find((each) => each.model === model)?.modelDigest;
  return { version, model, modelDigest };
}

/** As an estimate has it, without any audit. */
const estimatedOf = (
  objective: Objective,
  { model }: Audited,
  { config }: RoomOptions,
): Threshold => thresholdsWith(config.judge.deep)(objective, model === '' ? undefined : model);

function found(
  objective: Objective,
  whose: Audited,
  { options, promises }: { options: RoomOptions; promises: Promises },
): Threshold {
  const estimated = estimatedOf(objective, whose, options);
  if (!('worseThanLarge' in objective)) return estimated;
  const { threshold, said } = promises.of(whose, { ...objective, strict: estimated.value });
  return { value: threshold, from: `worseThanLarge: ${objective.worseThanLarge}: ${said}` };
}

function promiseNow(policies: ActivePolicies, options: RoomOptions, promises: Promises) {
  const { policy } = policies.current();
  const { objective } = policy;
  if (!('worseThanLarge' in objective)) return undefined;
  const whose = whoseOf(smallModelOf(policy, options), policy.version, options);
  const strict = estimatedOf(objective, whose, options).value;
  const { worseThanLarge } = objective;
  return { ...promises.of(whose, { ...objective, strict }), objective: worseThanLarge };
}

/** Of the bounds that are shown. */
const CONFIDENCE = 0.95;

function qualityNow(
  policies: ActivePolicies,
  options: RoomOptions,
  promises: Promises,
): AuditedQuality | null {
  const { policy } = policies.current();
  const promise = promiseNow(policies, options, promises);
  const whose = whoseOf(smallModelOf(policy, options), policy.version, options);
  const { audits, worse, low, high } = promises.sample(whose, CONFIDENCE);
  if (audits === 0 && promise === undefined) return null;
  return {
    audits,
    kept: worse === null ? null : { low: 1 - high, estimate: 1 - worse, high: 1 - low },
    objective: promise === undefined ? null : 1 - promise.objective,
    said: promise?.said ?? null,
  };
}

const smallModelOf = ({ targets: { small } }: Policy, { found: all }: RoomOptions): string =>
  small.model ?? all.find(({ name }) => name === small.upstream)?.facts().model ?? '';

/** At once to the strict threshold; a laxer one comes only with a policy that is activated. */
function tightened(policy: Policy, options: RoomOptions, promises: Promises): Policy {
  const { objective, threshold } = policy;
  if (!('worseThanLarge' in objective)) return policy;
  const whose = whoseOf(smallModelOf(policy, options), policy.version, options);
  const now = found(objective, whose, { options, promises });
  const broken = promises.broken(whose, objective);
  const strict = estimatedOf(objective, whose, options).value;
  const value = Math.min(threshold.value, broken === undefined ? now.value : strict);
  if (value === threshold.value) return policy;
  const from = broken === undefined ? now.from : `${now.from}; tightened: ${broken}`;
  options.printLine(`The threshold falls to ${value.toFixed(3)}: ${from}.`);
  return { ...policy, threshold: { value, from } };
}
