/** Competence cards: made out of graded answers, written, read and found again. */
import { createHash } from 'node:crypto';
import type { CompetenceCard, ConfidenceModel, Share } from '../core/competence.ts';
import { kindOf } from '../verify/kind.ts';
import type { Graded } from './ask.ts';
import { wilson } from './area.ts';
import { fitConfidence, type Observed } from './fit.ts';
import type { GoldenItem } from './golden-set.ts';

export interface Measured {
  readonly items: readonly GoldenItem[];
  /** By the items' ids; those that are missing were not asked. */
  readonly graded: ReadonlyMap<string, Graded>;
  readonly set: CompetenceCard['set'];
  readonly model: string;
  readonly modelDigest: string | undefined;
  readonly engine: string;
  readonly measuredAt: string;
  readonly energy?: CompetenceCard['energy'];
}

export function makeCard(measured: Measured): CompetenceCard {
  const { items, graded, set, model, modelDigest, engine, measuredAt, energy } = measured;
  const answered = items.flatMap((item) => {
    const grade = graded.get(item.id);
    return grade === undefined ? [] : [{ item, grade }];
  });
  const confidence = confidenceOf(answered);
  const passed: Record<string, Share> = {};
  for (const name of new Set(answered.map(({ item }) => cellOf(item))))
    passed[name] = shareOf(answered.filter(({ item }) => cellOf(item) === name));
  const grades = answered.map(({ grade }) => grade);
  return sealed({
    format: 1,
    model,
    modelDigest: modelDigest ?? null,
    engine,
    set,
    measuredAt,
    seconds: rounded(sum(grades.map(({ totalMs }) => totalMs)) / 1000, 1),
    tokensPerSecond: rounded(speedOf(grades), 1),
    firstTokenMs: Math.round(median(grades.map(({ firstTokenMs }) => firstTokenMs))),
    ...(energy === undefined ? {} : { energy }),
    languages: [...new Set(items.map(({ language }) => language))].toSorted(),
    passed,
    all: shareOf(answered),
    ...(confidence === undefined ? {} : { confidence }),
  });
}

interface Answered {
  readonly item: GoldenItem;
  readonly grade: Graded;
}

const cellOf = ({ kind, language }: GoldenItem): string => `${kind}.${language}`;

function shareOf(answered: readonly Answered[]): Share {
  const right = answered.filter(({ grade }) => grade.right).length;
  const { low, high } = wilson(right, answered.length);
  return { items: answered.length, right, low: rounded(low, 4), high: rounded(high, 4) };
}

/** Both undefined where most answers came without probabilities. */
function confidenceOf(answered: readonly Answered[]): CompetenceCard['confidence'] {
  const fitted = (part: 'whole' | 'beginning'): ConfidenceModel | undefined => {
    const observed = answered.flatMap(({ item, grade }): Observed[] => {
      const statistics = grade[part];
      return statistics === undefined
        ? []
        : [{ kind: taskKind(item), language: item.language, right: grade.right, statistics }];
    });
    return observed.length * 2 < answered.length ? undefined : fitConfidence(observed);
  };
  const [whole, beginning] = [fitted('whole'), fitted('beginning')];
  return whole === undefined || beginning === undefined ? undefined : { whole, beginning };
}

/** As a request like this item is told apart: what its card says is found again by that. */
export function taskKind({ messages }: Pick<GoldenItem, 'messages'>) {
  const users = messages.filter(({ role }) => role === 'user');
  const task = users.at(-1)?.content ?? '';
  return kindOf({ task, turns: users.length, tools: 0, isJson: false });
}

/** Tokens after the first of each answer, by the time after it. */
function speedOf(grades: readonly Graded[]): number {
  const tokens = sum(grades.map(({ pieces }) => Math.max(0, pieces - 1)));
  const ms = sum(grades.map(({ totalMs, firstTokenMs }) => totalMs - firstTokenMs));
  return ms === 0 ? 0 : (tokens / ms) * 1000;
}

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));

function sealed(card: Omit<CompetenceCard, 'hash'>): CompetenceCard {
  const short = compact(card);
  return { ...short, hash: hashOf(short) };
}

/** Six digits are more than was measured. */
function compact(card: Omit<CompetenceCard, 'hash'>): Omit<CompetenceCard, 'hash'> {
  const text = JSON.stringify(card, (_, value: unknown) =>
    typeof value === 'number' ? Number(value.toPrecision(6)) : value,
  );
  // The same shape comes back: only numbers were changed.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return JSON.parse(text) as Omit<CompetenceCard, 'hash'>;
}

const hashOf = (card: Omit<CompetenceCard, 'hash'>): string =>
  `sha256:${createHash('sha256').update(JSON.stringify(card)).digest('hex')}`;

/** @throws Error for what is no card, for one of another format, and for one that was changed by hand */
export function readCard(text: string): CompetenceCard {
  let card: CompetenceCard;
  try {
    // Its hash says whether `calibrate` wrote it: only then is its shape relied on.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    card = JSON.parse(text) as CompetenceCard;
  } catch {
    throw new Error('it is not JSON');
  }
  if (typeof card !== 'object' || card === null || !('hash' in card))
    throw new Error('it is no competence card; `smallfirst calibrate` writes one');
  const { hash, ...rest } = card;
  if (rest.format !== 1) throw new Error('it has a format that this version does not read');
  if (hash !== hashOf(rest))
    throw new Error(
      'it was changed after it was measured: measure again with `smallfirst calibrate`',
    );
  return card;
}

/** By the digest of the weights; where a server does not say that, by the model's name among cards without a digest. */
export function cardFinder(cards: readonly CompetenceCard[]) {
  const byDigest = new Map(cards.map((card) => [card.modelDigest, card]));
  const byName = new Map(
    cards.filter(({ modelDigest }) => modelDigest === null).map((card) => [card.model, card]),
  );
  return (model: string, digest: string | undefined): CompetenceCard | undefined =>
    digest === undefined ? byName.get(model) : byDigest.get(digest);
}
