/** Formats what checks and audits say of small answers. */
import type { AnswersReport } from '../analysis/report/answers.ts';
import { digits } from './format-numbers.ts';

const LABEL = 30;
const line = (label: string, value: string): string => `${label.padEnd(LABEL)}${value}`;

const by = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .toSorted(([, a], [, b]) => b - a)
    .map(([name, count]) => `${name} ${digits(count)}`)
    .join(', ') || 'none';

const percent = (share: number): string => ((1 - share) * 100).toFixed(1);

/** Empty where nothing was checked and nothing audited; else with an empty line at its end. */
export function answerLines({ verify, audits }: AnswersReport): readonly string[] {
  const { checked, passed, undecided, failed, escalated, mended, repairs, kept, notTried } = verify;
  const lines = [
    ...(checked === 0
      ? []
      : [
          line(
            'small answers checked',
            `${digits(checked)}: ${digits(passed)} passed, ${digits(undecided)} undecided`,
          ),
          line('  failed, by check', by(failed)),
          line('  replaced, by cause', by(escalated)),
          ...some('  JSON repaired', mended + repairs),
          ...some('  given all the same', kept),
        ]),
    ...some('large at once: drafts lose', notTried),
    ...audits.map(auditLine),
  ];
  return lines.length === 0 ? [] : [...lines, ''];
}

const some = (label: string, count: number): readonly string[] =>
  count === 0 ? [] : [line(label, digits(count))];

function auditLine({
  policy,
  model,
  worse,
  low,
  high,
  audits,
  isJudgeUnknown,
}: AnswersReport['audits'][number]): string {
  const figures =
    worse === null
      ? 'no verdict that counts'
      : `${percent(worse)} % kept, ${percent(high)} to ${percent(low)}, ${digits(audits)} audits`;
  const unknown = isJudgeUnknown ? '; the judge was not measured (`calibrate --judge`)' : '';
  return line(`audited ${model}`, `${figures}, under ${policy}${unknown}`);
}
