/** A simulation as text for people, and what has to be assumed to make one. */
import type { Shares, Simulation } from '../analysis/simulate.ts';
import type { BoundResult } from '../analysis/simulation/bounds.ts';
import type { Flip, RuleAndPlace } from '../analysis/simulation/flips.ts';
import type { Expected } from '../analysis/simulation/quality.ts';

/** Groups of flips that are shown; JSON has all of them. */
const SHOWN_FLIPS = 12;

export function formatSimulation(told: Simulation): string {
  return [
    ...heading(told),
    '',
    ...table(['', 'before', 'after'], measures(told)),
    '',
    ...flipLines(told),
    '',
    ...table(['rule', 'before', 'small', 'after', 'small', 'left', 'came'], ruleRows(told)),
    '',
    ...assumptions(told).map((line) => `* ${line}`),
  ].join('\n');
}

function heading({ policy, records }: Simulation): readonly string[] {
  const days = [records.fromMs, records.toMs].map((ms) => new Date(ms).toISOString().slice(0, 10));
  return [
    `${policy.name}@${policy.version} on ${whole(records.replayed)} recorded requests, ${days.join(' to ')}`,
  ];
}

function measures({ before, after, spending, quality }: Simulation): readonly string[][] {
  const shares = (name: keyof Shares): string[] => [
    name,
    percent(before[name]),
    percent(after[name]),
  ];
  const { cost, energy } = spending;
  const change = cost.changeShare === null ? 'not known' : signed(cost.changeShare);
  return [
    shares('small'),
    shares('large'),
    shares('refused'),
    ...(before.masked + after.masked === 0 ? [] : [shares('masked')]),
    ['cost', dollars(cost.beforeNanoUsd), `${dollars(cost.afterNanoUsd)}  (${change})`],
    ['energy', joules(energy.before), joules(energy.after)],
    ...(quality === undefined
      ? []
      : [['expected quality', range(quality.before), range(quality.after)]]),
  ];
}

function flipLines({ flipped, flips, otherRule }: Simulation): readonly string[] {
  const same = otherRule === 0 ? '' : `; ${whole(otherRule)} to the same place by another rule`;
  const shown = flips.slice(0, SHOWN_FLIPS);
  const rest = flips.length - shown.length;
  return [
    `${whole(flipped.count)} (${percent(flipped.share)}) would go elsewhere${same}`,
    ...shown.flatMap(flipWords),
    ...(rest > 0 ? [`  and ${rest} further kinds of change: --json has them`] : []),
  ];
}

const flipWords = ({ from, to, count, because, examples }: Flip): readonly string[] => [
  `  ${whole(count).padStart(9)}  ${side(from)}  ->  ${side(to)}`,
  `             for example ${examples.join(', ')}`,
  `             the first because: ${because}`,
];

const side = ({ rule, to }: RuleAndPlace): string => `${rule}: ${to}`;

const ruleRows = ({ rules }: Simulation): readonly string[][] =>
  rules.map((row) => [
    row.rule,
    whole(row.before),
    portion(row.smallBefore, row.before),
    whole(row.after),
    portion(row.smallAfter, row.after),
    whole(row.movedAway),
    whole(row.movedHere),
  ]);

/** What the figures rest on, and what they leave out. */
export function assumptions({ records, spending, unjudged }: Simulation): readonly string[] {
  const { unusable, domainUnread, continued, otherThreshold } = records;
  const { cost, energy, unseenTargets } = spending;
  return [
    'Cost and energy: as recorded where the same model answers; elsewhere the recorded tokens at the other model, none of them in its prompt cache, and a local model as long per token as the records show it.',
    'Expected quality: the share of the large model’s quality that is kept, by the complexity that was recorded and the calibration that the policies’ `objective` uses; a refused request keeps none. The range (95 %) is chance alone: your models and traffic may differ from the calibration’s.',
    'Each request is judged from the state it met: upstreams, queues and conversations as they were.',
    ...leftOut('cost', cost),
    ...leftOut('energy', energy),
    ...unseenTargets.map(
      (target) =>
        `No record shows how long ${target} takes, so what it would spend is not known: --local-tokens-per-second says what to assume.`,
    ),
    ...counted(unjudged, 'without a known complexity, left out of the quality'),
    ...counted(
      domainUnread,
      'with their domain not re-judged: prompts are not kept, so a domain of this policy is known only where the policy that decided knew one of the same name',
    ),
    ...counted(continued, 'in conversations that had begun: taken up where they really were'),
    ...counted(otherThreshold, 'decided by this very policy with another calibration'),
    ...counted(unusable.withoutSituation, 'left out: from a version that kept too little'),
    ...counted(unusable.undecided, 'left out: failed before they were decided'),
    ...counted(unusable.shadow, 'left out: shadows of other requests'),
  ];
}

const leftOut = (
  what: string,
  { unknown, unknownMoved }: Simulation['spending']['cost' | 'energy'],
): readonly string[] =>
  counted(
    unknown,
    `left out of the ${what} on both sides, where it is not known; ${whole(unknownMoved)} of them would go elsewhere`,
  );

const counted = (count: number, words: string): readonly string[] =>
  count === 0 ? [] : [`${whole(count)} ${count === 1 ? 'request' : 'requests'} ${words}.`];

export function formatBound({ bound, limit, value }: BoundResult): string {
  const is = value === null ? 'the records cannot tell' : `it is ${percentOf(value)}`;
  return `--${bound} ${percentOf(limit)} is crossed: ${is}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  return [head, ...rows].map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
}

const whole = (count: number): string => count.toLocaleString('en-US');
const percentOf = (share: number): string => `${Math.round(share * 10_000) / 100}%`;
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
const portion = (part: number, all: number): string => (all === 0 ? '' : percent(part / all));
const signed = (share: number): string => `${share > 0 ? '+' : ''}${(share * 100).toFixed(1)} %`;
const range = ({ estimate, low, high }: Expected): string =>
  `${estimate.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`;

function dollars(nanoUsd: number): string {
  const usd = nanoUsd / 1e9;
  return `${usd.toFixed(usd >= 1 || usd === 0 ? 2 : 6)} USD`;
}

function joules({ lowJ, highJ }: { readonly lowJ: number; readonly highJ: number }): string {
  const [size, unit] = highJ >= 3.6e6 ? [3.6e6, 'kWh'] : highJ >= 3.6e3 ? [3.6e3, 'Wh'] : [1, 'J'];
  return `${(lowJ / size).toFixed(2)} to ${(highJ / size).toFixed(2)} ${unit}`;
}
