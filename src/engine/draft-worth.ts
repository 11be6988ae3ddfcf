/**
 * Whether asking the small model first is worth it, by kind of request and model: what accepted answers saved against what
 * replaced ones cost, in money and in the time that their callers waited.
 */
import type { Snapshot } from '../core/decision.ts';
import type { Policy } from '../core/policy.ts';
import type { Sink, UsageRecord } from '../core/record.ts';
import type { Readings } from '../core/signal.ts';
import { upperBound } from '../lib/binomial.ts';

export interface DraftWorth {
  /** True if, with 95 % confidence, small answers of this kind lose more than they save. */
  loses(kind: string, model: string): boolean;
  /** Takes what came of a request, if its small answer was checked. @param usdPerHour - of waiting */
  saw(record: UsageRecord, usdPerHour: number): void;
  /** A sink that observes records before it passes them on. */
  watching(parts: Watched): Sink;
  /** The snapshot with what is known of such requests, where the policy would replace bad answers. */
  known(snapshot: Snapshot, policy: Policy, readings: Readings): Snapshot;
}

export interface Watched {
  readonly publish: Sink;
  /** The policy of this version where it is in force, else the gateway's. */
  readonly policyInForce: (version: string | undefined) => Policy;
}

/** Older answers say nothing about today's, so that a kind is tried again after this time. */
const WINDOW_MS = 86_400_000;
/** The window is dropped in this many parts. */
const PARTS = 24;
/** A mean of fewer answers says nothing. */
const LEAST_ANSWERS = 20;
const CONFIDENCE = 0.95;
/** Domains and models are configured; this bounds what a reload may leave behind. */
const MOST_KINDS = 1000;
const NANO_USD = 1e9;
const MS_AN_HOUR = 3_600_000;

interface Part {
  readonly index: number;
  accepted: number;
  replaced: number;
  /** What the small model saves where it is accepted, summed over all; nano-USD. */
  saving: number;
  /** What those that were replaced cost. */
  loss: number;
}

/** @param nowMs - monotonic */
export function draftWorth(nowMs: () => number): DraftWorth {
  const kinds = new Map<string, Part[]>();
  const partNow = (): number => Math.floor(nowMs() / (WINDOW_MS / PARTS));
  const recent = (key: string): Part[] =>
    (kinds.get(key) ?? []).filter(({ index }) => index > partNow() - PARTS);
  const loses = (kind: string, model: string): boolean => isLosing(recent(keyOf(kind, model)));
  const saw: DraftWorth['saw'] = (record, usdPerHour) => {
    const worth = worthOf(record, usdPerHour);
    if (worth === undefined) return;
    const key = keyOf(domainOf(record), worth.model);
    if (!kinds.has(key) && kinds.size >= MOST_KINDS) return;
    const parts = recent(key);
    let last = parts.at(-1);
    if (last?.index !== partNow()) {
      last = { index: partNow(), accepted: 0, replaced: 0, saving: 0, loss: 0 };
      parts.push(last);
    }
    if (worth.loss === undefined) last.accepted += 1;
    else last.replaced += 1;
    last.saving += worth.saving;
    last.loss += worth.loss ?? 0;
    kinds.set(key, parts);
  };
  return {
    loses,
    saw,
    watching:
      ({ publish, policyInForce }) =>
      (record) => {
        const { verify } = policyInForce(record.decision?.policy.version);
        if (verify !== undefined) saw(record, verify.waitUsdPerHour);
        publish(record);
      },
    known: (snapshot, { verify, targets: { small } }, readings) => {
      if (verify?.onFail !== 'escalate') return snapshot;
      const model = small.model ?? snapshot.upstreams[small.upstream]?.model ?? '';
      return loses(domainOf({ readings }), model) ? { ...snapshot, draftsLose: true } : snapshot;
    },
  };
}

const keyOf = (kind: string, model: string): string => `${kind}\n${model}`;

function domainOf({ readings: { domain } }: Pick<UsageRecord, 'readings'>): string {
  return domain?.kind === 'score' ? (domain.value ?? '') : '';
}

/** True if small answers save less than they lose even at the upper bound of their share of accepted ones. */
function isLosing(parts: readonly Part[]): boolean {
  const of = (pick: (part: Part) => number): number =>
    parts.reduce((sum, part) => sum + pick(part), 0);
  const [accepted, replaced] = [of((part) => part.accepted), of((part) => part.replaced)];
  const count = accepted + replaced;
  if (count < LEAST_ANSWERS || replaced === 0) return false;
  const share = upperBound(accepted, count, CONFIDENCE);
  const saving = of((part) => part.saving) / count;
  const loss = of((part) => part.loss) / replaced;
  return share * saving < (1 - share) * loss;
}

interface Worth {
  /** The small model. */
  readonly model: string;
  /** Nano-USD: the large model's answer less the small one's. */
  readonly saving: number;
  /** Absent where it was accepted. */
  readonly loss?: number;
}

/** Undefined where no small answer was checked, or where a cost is not known. */
function worthOf(record: UsageRecord, usdPerHour: number): Worth | undefined {
  const { attempts, baselineNanoUsd, shadowOf } = record;
  const [first] = attempts;
  if (shadowOf !== undefined || first?.verdict === undefined || baselineNanoUsd === null)
    return undefined;
  const { model } = first;
  const tried = attempts.filter(({ kind }) => kind === 'draft' || kind === 'repair');
  const last = attempts.at(-1);
  if (last?.tier === 'large' && tried.length > 0) {
    const waitedMs = tried.reduce((sum, { latencyMs }) => sum + latencyMs, 0);
    const lost = (waitedMs / MS_AN_HOUR) * usdPerHour * NANO_USD;
    return { model, saving: baselineNanoUsd - costOf(tried), loss: costOf(tried) + lost };
  }
  if (last?.tier !== 'small' || last.isKept === true) return undefined;
  return { model, saving: baselineNanoUsd - costOf(attempts) };
}

/** A target without a price, as most local models, costs nothing here. */
const costOf = (attempts: UsageRecord['attempts']): number =>
  attempts.reduce((sum, { cost }) => sum + (cost?.totalNanoUsd ?? 0), 0);
