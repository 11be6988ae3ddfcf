/** A competence card for people, and two of them side by side. */
import type { Area, CompetenceCard, Share } from '../core/competence.ts';
import { abstention } from '../verify/confidence.ts';
import { aligned } from './format-table.ts';

const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;

const shareText = ({ right, items, low, high }: Share): string =>
  `${right} of ${items} (${percent(right / Math.max(1, items))}, ${percent(low)} to ${percent(high)})`;

const areaText = ({ value, low }: Area): string =>
  value === null || low === null
    ? 'nothing to tell apart'
    : `${value.toFixed(2)} (at least ${low.toFixed(2)})`;

export function cardSheet(card: CompetenceCard): string {
  const { model, modelDigest, engine, set, measuredAt, seconds, passed, all } = card;
  const cells = Object.entries(passed).map(
    ([name, share]) => `  ${name.padEnd(20)} ${shareText(share)}`,
  );
  return [
    `${model} on ${engine}, ${modelDigest ?? 'weights of an unknown digest'}`,
    `Set: ${set.name}, ${set.items} items, ${measuredAt.slice(0, 10)}, ${(seconds / 60).toFixed(1)} minutes`,
    `Speed: ${card.tokensPerSecond} tokens/s, first token after ${card.firstTokenMs} ms`,
    ...energyLine(card),
    `Right: ${shareText(all)}`,
    ...cells,
    ...confidenceLines(card),
  ].join('\n');
}

function energyLine({ energy }: CompetenceCard): readonly string[] {
  if (energy === undefined) return [];
  const [low, high] = energy.joulesPerToken.map((joules) => joules.toPrecision(2));
  return [`Energy: ${low} to ${high} J a token, ${energy.method} (${energy.source})`];
}

function confidenceLines({ confidence }: CompetenceCard): readonly string[] {
  if (confidence === undefined)
    return ['Confidence says nothing: no probabilities came, or too few answers to learn from.'];
  const { whole } = confidence;
  const kinds = Object.entries(whole.kinds).map(([name, area]) => {
    // the record's own keys are kinds
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    const why = abstention(whole, name as keyof typeof whole.kinds);
    return `  ${name.padEnd(20)} ${areaText(area)}${why === undefined ? '' : `: abstains, ${why}`}`;
  });
  return [`Confidence tells wrong from right (0.5 is chance): ${areaText(whole.all)}`, ...kinds];
}

/** Two-sided, at 95 %. */
const Z = 1.96;

/** Two cards side by side; a difference that is more than chance is marked, and none is told of different sets. */
export function comparedCards(a: CompetenceCard, b: CompetenceCard): string {
  const names = [...new Set([...Object.keys(a.passed), ...Object.keys(b.passed)])].toSorted();
  const isSameSet = a.set.digest === b.set.digest;
  const row = (
    name: string,
    one: Share | undefined,
    other: Share | undefined,
  ): readonly string[] => [name, short(one), short(other), isSameSet ? difference(one, other) : ''];
  const table = aligned([
    ['', a.model, b.model, ''],
    ...names.map((name) => row(name, a.passed[name], b.passed[name])),
    row('all', a.all, b.all),
    ['tokens/s', String(a.tokensPerSecond), String(b.tokensPerSecond), ''],
    ['first token, ms', String(a.firstTokenMs), String(b.firstTokenMs), ''],
    ['J a token', joules(a), joules(b), ''],
  ]);
  return isSameSet
    ? table
    : `${table}\nThey were measured with different sets, so their shares are not compared.`;
}

const joules = ({ energy }: CompetenceCard): string =>
  energy === undefined ? '-' : energy.joulesPerToken.map((one) => one.toPrecision(2)).join(' to ');

const short = (share: Share | undefined): string =>
  share === undefined ? '-' : `${share.right}/${share.items}`;

/** The difference of two shares, by the test of two proportions. */
function difference(a: Share | undefined, b: Share | undefined): string {
  if (a === undefined || b === undefined || a.items === 0 || b.items === 0) return '';
  const [p, q] = [a.right / a.items, b.right / b.items];
  const pooled = (a.right + b.right) / (a.items + b.items);
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / a.items + 1 / b.items));
  const isMore = error > 0 && Math.abs(q - p) > Z * error;
  return `${q >= p ? '+' : ''}${((q - p) * 100).toFixed(0)} points${isMore ? ', more than chance' : ''}`;
}
