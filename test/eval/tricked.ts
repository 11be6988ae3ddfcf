/** Everyday requests that the judge has on the right side already, and which of them a trick moves to the other. */
import { judgement, thresholdFor, tradeOf } from '../../src/signals/complexity/index.ts';
import { deepJudge } from '../../src/signals/encoder/deep-judge.ts';
import { readShippedDeep } from '../../src/signals/encoder/shipped.ts';
import { shippedEncoder } from '../../src/signals/encoder/weights.ts';
import { readDataset, type Row } from '../../src/training/dataset.ts';

export type Trick = (text: string) => string;

const judge = judgement();
export const complexityOf = (text: string): number => judge([{ role: 'user', text }]).complexity;
export const threshold = thresholdFor({ quality: 0.95 }).value;

export const COUNT = 200;
const MOST_UNITS = 400;

/** Evenly spread over the rows: requests of one message that the judge has on the right side already. */
function requests(rows: readonly Row[], belongs: (need: number, judged: number) => boolean) {
  const found = rows.flatMap(({ bench, turns, need }) => {
    const [only, ...others] = turns;
    const isShort = others.length === 0 && only!.text.length <= MOST_UNITS;
    if (bench !== 'everyday' || !isShort || !belongs(need!, complexityOf(only!.text))) return [];
    return [only!.text];
  });
  const step = found.length / COUNT;
  return Array.from({ length: COUNT }, (_, at) => found[Math.floor(at * step)]!);
}

/** Requests that a good small model answers. */
export const easyRequests = (folder: string): readonly string[] =>
  requests(readDataset(folder).rows, (need, judged) => need <= 0.2 && judged < threshold);

/** Requests that are beyond it. */
export const hardRequests = (folder: string): readonly string[] =>
  requests(readDataset(folder).rows, (need, judged) => need >= 0.6 && judged >= threshold);

/** The share that is on the other side with the trick. */
export const flipsOf = (texts: readonly string[], trick: Trick): number =>
  texts.filter((text) => complexityOf(text) >= threshold !== complexityOf(trick(text)) >= threshold)
    .length / texts.length;

const deepThreshold = thresholdFor({ quality: 0.95 }, undefined, tradeOf('deep')).value;

/** The same by the deep judge, of those texts that it has on the side that is given. It takes milliseconds a text. */
export function deepFlips(texts: readonly string[], isLarge: boolean): (trick: Trick) => number {
  const deep = deepJudge(shippedEncoder(), readShippedDeep());
  const isAbove = (text: string): boolean =>
    deep(judge([{ role: 'user', text }]).question!()).complexity >= deepThreshold;
  const known = texts.filter((text) => isAbove(text) === isLarge);
  return (trick) => known.filter((text) => isAbove(trick(text)) !== isLarge).length / known.length;
}
