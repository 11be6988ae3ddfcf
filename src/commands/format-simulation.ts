/** Formats a simulation as text, with its assumptions. */
import type { Shares, Simulation } from '../analysis/simulate.ts';
import type { BoundResult } from '../analysis/simulation/bounds.ts';
import type { Flip, RuleAndPlace } from '../analysis/simulation/flips.ts';
import type { Expected } from '../analysis/simulation/quality.ts';

/** The maximum number of groups of flips in the text; JSON has all of them. */
const SHOWN_FLIPS = 12;

export function formatSimulation(simulation: Simulation): string {
  return [
    ...heading(simulation),
    '',
    ...table(['', 'before', 'after'], measures(simulation)),
    '',
    ...flipLines(simulation),
    '',
    ...table(['rule', 'before', 'small', 'after', 'small', 'left', 'came'], ruleRows(simulation)),
    '',
    ...assumptions(simulation).map((line) => `* ${line}`),
  ].join('\n');
}

function heading({ policy, records }: Simulation): readonly string[] {
  const days = [records.fromMs, records.toMs].map((ms) => new Date(ms).toISOString().slice(0, 10));
  return [
    `${policy.name}@${policy.version} on ${whole(records.replayed)} recorded requests, ${days.join(' to ')}`,
  ];
}

function measures({ before, after, spending, quality, verify }: Simulation): readonly string[][] {
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
    ...(verify === undefined
      ? []
      : [[`replaced, of ${whole(verify.checked)}`, whole(verify.before), whole(verify.after)]]),
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
    ...shown.flatMap(flipGroup),
    ...(rest > 0 ? [`  and ${rest} further kinds of change: --json has them`] : []),
  ];
}

const flipGroup = ({ from, to, count, because, examples }: Flip): readonly string[] => [
  `  ${whole(count).padStart(9)}  ${placeText(from)}  ->  ${placeText(to)}`,
  `             for example ${examples.join(', ')}`,
  `             the first because: ${because}`,
];

const placeText = ({ rule, to }: RuleAndPlace): string => `${rule}: ${to}`;

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

/** What the figures are based on, and what they leave out. */
export function assumptions({ records, spending, unjudged }: Simulation): readonly string[] {
  const { unusable, domainUnread, learnedUnread, continued, otherThreshold } = records;
  const { cost, energy, unseenTargets } = spending;
  return [
    'Cost and energy: as recorded where the same model answers; elsewhere those of the recorded tokens with the other model, with no prompt cache, and with a local model’s time per token as recorded.',
    'Expected quality: the share of the large model’s quality that is kept, by the recorded complexity and the calibration that the policies’ `objective` uses; a refused request keeps none. The range (95 %) covers only sampling error: your models and traffic may differ from the calibration’s.',
    'Each request is decided with its recorded state of upstreams, queues and conversations.',
    ...leftOut('cost', cost),
    ...leftOut('energy', energy),
    ...unseenTargets.map(
      (target) =>
        `No record shows how long ${target} takes, so what it would spend is not known: --local-tokens-per-second sets the speed to assume.`,
    ),
    ...counted(unjudged, 'without a known complexity, left out of the quality'),
    ...counted(
      domainUnread,
      'with their domain not re-judged: prompts are not stored, so a domain of this policy is known only where the recorded policy had one of the same name',
    ),
    ...counted(
      learnedUnread,
      'judged without what this policy learned: what the judge saw of them was not kept (`store.features`)',
    ),
    ...counted(continued, 'in conversations that had begun: continued from their recorded state'),
    ...counted(otherThreshold, 'decided by this policy with another calibration'),
    ...counted(unusable.withoutSituation, 'left out: recorded by a version that stored too little'),
    ...counted(unusable.undecided, 'left out: failed before the decision'),
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

const counted = (count: number, text: string): readonly string[] =>
  count === 0 ? [] : [`${whole(count)} ${count === 1 ? 'request' : 'requests'} ${text}.`];

export function formatBound({ bound, limit, value }: BoundResult): string {
  const is =
    value === null ? 'it cannot be computed from the records' : `it is ${percentOf(value)}`;
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
