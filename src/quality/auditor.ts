/** Chooses which accepted answers are audited, holds the day's money for it, and stops a judge that is of no use. */
import type { Audit, Auditor, AuditOmission, Grade, JudgeCard, Stratum } from '../core/audit.ts';
import { graded, judged, sameWords, type Choice } from './judge.ts';

export interface AuditorOptions {
  /** Milliseconds since the epoch. */
  readonly epochMs: () => number;
  /** By the judging model's name; undefined: it was not measured. */
  readonly judgeOf: (model: string) => JudgeCard | undefined;
  readonly graders?: readonly Grade[];
  /** What was spent on audits today, before this process began. */
  readonly spentNanoUsd?: (sinceMs: number) => number;
  readonly onDone: (audit: Audit) => void;
  readonly onOmitted: (cause: AuditOmission) => void;
  /** For people: why no audit is made. */
  readonly say: (line: string) => void;
}

/** A rare kind is chosen so much more often than its share, at most. */
const MOST_BOOST = 10;
/** Kinds beyond it count as one. */
const MOST_STRATA = 2000;
/** Judgements that are looked back at. */
const RECENT = 40;
/** A judge that is right less often than this is refused. */
const LEAST_QUALITY = 0.7;
const DAY_MS = 86_400_000;

export function createAuditor(options: AuditorOptions): Auditor {
  const { epochMs, judgeOf, onDone, onOmitted, say } = options;
  const graders = [sameWords, ...(options.graders ?? [])];
  const strata = strataCounts();
  const purse = dayPurse(options);
  const watch = judgeWatch();
  const told = new Set<string>();
  const tell = (line: string): void => {
    if (told.has(line)) return;
    told.add(line);
    say(line);
  };
  const unfit = (model: string): string | undefined => {
    const card = judgeOf(model);
    if (card === undefined)
      return `the judge ${model} was not measured; \`smallfirst calibrate --judge --upstream NAME\` does that`;
    const low = weakness(card);
    return low === undefined ? watch.problem() : `the judge ${model} is refused: ${low}`;
  };
  return {
    propensityOf: (stratum, { share }) => strata.propensity(stratum, share),
    take: (judge, nanoUsd, { usdPerDay }) => {
      const problem = unfit(judge);
      if (problem !== undefined) {
        tell(`No answer is audited: ${problem}.`);
        return 'judge-stopped';
      }
      if (nanoUsd === null) {
        tell(`No answer is audited: the price of ${judge} is not known (upstreams[].price).`);
        return 'unpriced';
      }
      return purse.take(nanoUsd, usdPerDay * 1e9, epochMs()) ? undefined : 'budget';
    },
    settle: purse.settle,
    omitted: onOmitted,
    compare: async (pair, ask) => {
      const byMachine = graded(pair, graders);
      if (byMachine !== undefined) return byMachine;
      const { choices, compared } = await judged(pair, ask);
      for (const choice of choices) watch.saw(choice);
      return compared === undefined ? undefined : { compared, by: 'judge' };
    },
    done: onDone,
  };
}

/** Undefined for a judge that may judge. */
export function weakness({ sensitivity, specificity }: JudgeCard): string | undefined {
  const counted = ({ right, of }: JudgeCard['sensitivity'], what: string): string =>
    `${right} of ${of} ${what}, and ${Math.ceil(of * LEAST_QUALITY)} are needed`;
  if (sensitivity.right < LEAST_QUALITY * sensitivity.of)
    return `it found ${counted(sensitivity, 'damaged answers')}`;
  if (specificity.right < LEAST_QUALITY * specificity.of)
    return `it let stand ${counted(specificity, 'good answers')}`;
  return undefined;
}

/** Each kind gets about as many audits as any other, up to `MOST_BOOST` times its share. */
function strataCounts() {
  const counts = new Map<string, number>();
  let all = 0;
  return {
    propensity: ({ domain, rule, language }: Stratum, share: number): number => {
      const name = `${domain}\n${rule}\n${language}`;
      const key = counts.has(name) || counts.size < MOST_STRATA ? name : '';
      const count = (counts.get(key) ?? 0) + 1;
      counts.set(key, count);
      all += 1;
      const usual = all / counts.size;
      return Math.min(1, share * Math.min(MOST_BOOST, usual / count));
    },
  };
}

function dayPurse({ spentNanoUsd = () => 0 }: Pick<AuditorOptions, 'spentNanoUsd'>) {
  let day = -1;
  let spent = 0;
  return {
    take: (nanoUsd: number, mostNanoUsd: number, nowMs: number): boolean => {
      const today = Math.floor(nowMs / DAY_MS);
      if (today !== day) [day, spent] = [today, spentNanoUsd(today * DAY_MS)];
      if (spent + nanoUsd > mostNanoUsd) return false;
      spent += nanoUsd;
      return true;
    },
    settle: (taken: number, used: number): void => {
      spent += used - taken;
    },
  };
}

/** A judge that says nothing of use, or the same letter whatever it reads, is stopped until the next start. */
function judgeWatch() {
  const recent: (Choice | undefined)[] = [];
  let problem: string | undefined;
  return {
    saw: (choice: Choice | undefined): void => {
      recent.push(choice);
      if (recent.length > RECENT) recent.shift();
      if (recent.length < RECENT) return;
      const useless = recent.filter((one) => one === undefined).length;
      if (useless > RECENT / 4) problem ??= 'the judge answers with other things than A, B or T';
      const [first] = recent;
      if (first !== undefined && first !== 'T' && recent.every((one) => one === first))
        problem ??= `the judge says ${first} whatever it reads`;
    },
    problem: () => problem,
  };
}
