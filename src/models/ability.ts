/** How a small model compares with those that complexity was rated for. */
import type { SmallModel } from '../core/policy.ts';
import { referenceModels } from './reference.ts';
import type { ReferenceModel } from './reference-model.ts';
import { own } from '../lib/own.ts';
import { ggufParametersB } from './gguf-size.ts';

/**
 * Shifts measured here, by catalogue name: 108 easy questions in English with known answers, at temperature 0; the shift
 * with which the judge's own estimates for these questions have the mean that was seen.
 */
const MEASURED: Readonly<Record<string, { shift: number; right: number }>> = {
  'smollm2-135m': { shift: 1.24, right: 62 },
  'tinyllama-1.1b': { shift: 2, right: 42 },
};
/** MMLU (percent) of a typical instruct model of 3 to 4 billion parameters: the mean of the catalogue's. */
const TYPICAL_MMLU = 66;
/** What is right by chance with four choices, in percent. */
const CHANCE = 25;
/**
 * How much of the difference on MMLU, in logarithms of odds above chance, counts. Assumed: it puts models of half a
 * billion parameters between the typical one and those that were measured.
 */
const MMLU_COUNTS = 0.75;
/** Billions of parameters of the typical model; with half of them the shift is so much more, as between those that have an MMLU. */
const TYPICAL_B = 3.5;
const HALVING = 0.3;
/** Models that know no more than chance are as the weaker of the two that were measured. */
const MOST = 2;
/** Within this the figures do not tell models of one class apart. */
const SAME = 0.3;

/** What is known of the model behind a name that a server or a configuration gives. */
export function abilityOf(
  name: string | undefined,
  find: (name: string) => ReferenceModel | undefined = findModel,
): SmallModel {
  if (name === undefined) return { shift: 0, said: 'a small model of 3 to 4 billion parameters' };
  const model = find(name);
  if (model === undefined) return ofUnknown(name);
  const { title } = model;
  const measured = own(MEASURED, model.name);
  if (measured !== undefined)
    return {
      shift: measured.shift,
      said: `${title}, which had ${measured.right} of 108 easy questions right`,
    };
  const { shift, by } = publishedShift(model);
  if (Math.abs(shift) <= SAME)
    return { shift: 0, said: `${title}, like a model of 3 to 4 billion parameters by ${by}` };
  return {
    shift,
    said: `${title}, ${comparedBy(shift)} than a model of 3 to 4 billion parameters by ${by}`,
  };
}

/** A file of one's own says how large it is. */
function ofUnknown(name: string): SmallModel {
  const parametersB = name.endsWith('.gguf') ? ggufParametersB(name) : undefined;
  if (parametersB === undefined)
    return {
      shift: 0,
      said: `${name}, of which nothing is known: taken for a model of 3 to 4 billion parameters`,
    };
  const shift = shiftBySize(parametersB);
  const size = `${name}, of ${inWords(parametersB)} parameters by its file`;
  if (Math.abs(shift) <= SAME)
    return { shift: 0, said: `${size}, like a model of 3 to 4 billion parameters` };
  return {
    shift,
    said: `${size}, ${comparedBy(shift)} than a model of 3 to 4 billion parameters`,
  };
}

const inWords = (parametersB: number): string =>
  parametersB < 1
    ? `${Number((parametersB * 1000).toPrecision(3))} million`
    : `${Number(parametersB.toPrecision(3))} billion`;

const comparedBy = (shift: number): string => (shift > 0 ? 'weaker' : 'stronger');

const shiftBySize = (parametersB: number): number =>
  bounded(HALVING * Math.log2(TYPICAL_B / parametersB));

function publishedShift({ kind, mmlu, parametersB }: ReferenceModel): {
  shift: number;
  by: string;
} {
  if (kind === 'base') return { shift: MOST, by: 'its training: it continues text' };
  if (mmlu !== undefined)
    return {
      shift: bounded(MMLU_COUNTS * (odds(TYPICAL_MMLU) - odds(mmlu.percent))),
      by: `its MMLU of ${mmlu.percent} %`,
    };
  return { shift: shiftBySize(parametersB), by: 'its size' };
}

const findModel = referenceModels();

/** The logarithm of the odds of knowing, chance taken off. */
function odds(percent: number): number {
  const known = Math.max(0.01, (percent - CHANCE) / (100 - CHANCE));
  return Math.log(known / (1 - known));
}

const bounded = (shift: number): number => Math.round(Math.min(MOST, shift) * 100) / 100;
