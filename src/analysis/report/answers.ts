/** What checks and audits say of small answers. */
import type { Audit, JudgeCard } from '../../core/audit.ts';
import type { Attempt, UsageRecord } from '../../core/record.ts';
import type { CheckName, EscalationCause } from '../../core/verify.ts';
import { sampleOf, type Sample } from '../../quality/promise.ts';

/** Of the small answers that were checked. */
interface CheckedReport {
  readonly checked: number;
  readonly passed: number;
  readonly undecided: number;
  /** By the check that failed. */
  readonly failed: Readonly<Partial<Record<CheckName, number>>>;
  /** Replaced by the large model's, by cause. */
  readonly escalated: Readonly<Partial<Record<EscalationCause, number>>>;
  /** JSON was freed of what stood around it, or asked for once more. */
  readonly mended: number;
  readonly repairs: number;
  /** Given although they failed. */
  readonly kept: number;
  /** Requests that went large at once, since drafts of their kind cost more than they save. */
  readonly notTried: number;
}

/** By policy and small model. */
interface AuditedReport extends Sample {
  readonly policy: string;
  readonly model: string;
  /** The judge was not measured: only graders' verdicts count. */
  readonly isJudgeUnknown: boolean;
}

export interface AnswersReport {
  readonly verify: CheckedReport;
  readonly audits: readonly AuditedReport[];
}

interface AnswerTally {
  add(record: UsageRecord): void;
  result(): AnswersReport;
}

export type JudgeOf = (model: string) => JudgeCard | undefined;

const CONFIDENCE = 0.95;

export function answerTally(judgeOf: JudgeOf): AnswerTally {
  const verify = {
    checked: 0,
    passed: 0,
    undecided: 0,
    mended: 0,
    repairs: 0,
    kept: 0,
    notTried: 0,
  };
  const failed: Partial<Record<CheckName, number>> = {};
  const escalated: Partial<Record<EscalationCause, number>> = {};
  const audits = new Map<string, Group>();
  const addAttempt = ({ verdict, kind, isMended, isKept }: Attempt): void => {
    if (kind === 'repair') verify.repairs += 1;
    if (verdict === undefined) return;
    verify.checked += 1;
    if (isMended === true) verify.mended += 1;
    if (isKept === true) verify.kept += 1;
    if (verdict.kind === 'pass') verify.passed += 1;
    if (verdict.kind === 'undecided') verify.undecided += 1;
    if (verdict.kind === 'fail') failed[verdict.check] = (failed[verdict.check] ?? 0) + 1;
    if (kind !== 'draft') return;
    const cause = verdict.kind === 'fail' ? verdict.check : 'undecided';
    escalated[cause] = (escalated[cause] ?? 0) + 1;
  };
  return {
    add: (record) => {
      if (record.audit !== undefined) addAudit(audits, record);
      if (record.shadowOf !== undefined) return;
      if (record.decision?.rule === 'drafts-lose') verify.notTried += 1;
      for (const attempt of record.attempts) addAttempt(attempt);
    },
    result: () => ({
      verify: { ...verify, failed, escalated },
      audits: [...audits.values()].map((group) => summed(group, judgeOf)),
    }),
  };
}

interface Group {
  readonly policy: string;
  readonly model: string;
  readonly judge: string;
  readonly audits: Pick<Audit, 'propensity' | 'compared' | 'by' | 'complexity'>[];
}

function addAudit(groups: Map<string, Group>, { audit, decision }: UsageRecord): void {
  if (audit === undefined || decision?.kind !== 'route') return;
  const { name, version } = decision.policy;
  const modelOf = (tier: string): string =>
    decision.targets.find((target) => target.tier === tier)?.model ?? '';
  const policy = `${name}@${version}`;
  const key = JSON.stringify([policy, modelOf('small'), modelOf('large')]);
  const group = groups.get(key) ?? {
    policy,
    model: modelOf('small'),
    judge: modelOf('large'),
    audits: [],
  };
  groups.set(key, group);
  group.audits.push({ ...audit, complexity: decision.complexity });
}

function summed({ policy, model, judge, audits }: Group, judgeOf: JudgeOf): AuditedReport {
  const card = judgeOf(judge);
  const isJudgeUnknown = card === undefined && audits.some(({ by }) => by === 'judge');
  return { policy, model, isJudgeUnknown, ...sampleOf(audits, card, CONFIDENCE) };
}
