/** What the fast judge reads of a request, as numbers: its form, its words by concept, and what it means. */
import type { Turn } from '../../core/signal.ts';
import { meaning } from '../meaning/meaning.ts';
import type { Known } from './calibrated.ts';
import { featureNames, filler } from './features.ts';
import { FORM_NAMES, formReader } from './form.ts';
import { foreignStatementTest } from './foreign-statement.ts';
import { type Contents, reader, readerTables } from './reader.ts';
import { taskOf } from './task.ts';

/** The parts of the inputs, in order. */
export interface InputParts {
  readonly form: number;
  readonly counts: number;
  readonly asked: number;
  readonly context: number;
}

export interface Inputs {
  readonly parts: InputParts;
  readonly size: number;
  readonly featureNames: readonly string[];
  /** The counts alone, as the second head reads them: a view of the last call's inputs. */
  readonly features: Float64Array;
  /** Reads a conversation. The array is overwritten by the next call. */
  read(turns: readonly Turn[], known?: Known, without?: 'choices'): Float64Array;
  /** The task that was read last, as it is meant, and its word pieces as `Meaning.inOrder` has them. */
  said(): string;
  saidPieces(): Int32Array;
  /** How many answers to choose from the task that was read last offers, whether they were read or not. */
  choices(): number;
  /** After a task was read without its choices and then with them: the cosine of what they mean and what the rest means. */
  likenessOfChoices(): number;
}

/** What is read of everything around the task: its end is nearest to it. */
const CONTEXT_UNITS = 3000;

/**
 * `guarded`: statements of a trade that a request has nothing to do with are left out. Requests are read so; rows that teach
 * are not, since nobody put such a sentence there.
 */
export function judgeInputs(guarded?: 'guarded'): Inputs {
  const means = meaning();
  const { dimensions, pool, poolLines, inOrder } = means;
  const tables = readerTables();
  const guard = guarded && foreignStatementTest(reader(tables), means);
  const read = reader(tables, guard);
  const names = featureNames(read.concepts);
  const fill = filler(read.concepts);
  const readForm = formReader();
  const parts = {
    form: FORM_NAMES.length,
    counts: names.length,
    asked: dimensions,
    context: dimensions,
  };
  let [said, choices] = ['', 0];
  const question = { asked: new Float64Array(dimensions), pieces: 0 };
  let pieces = 0;
  const values = new Float64Array(parts.form + parts.counts + parts.asked + parts.context);
  const form = values.subarray(0, parts.form);
  const features = values.subarray(parts.form, parts.form + parts.counts);
  const asked = values.subarray(parts.form + parts.counts, -parts.context);
  const context = values.subarray(-parts.context);
  return {
    parts,
    size: values.length,
    featureNames: names,
    features,
    read: (turns, known, without) => {
      const task = taskOf(turns, known);
      const contents: Contents = read.read(task.text, without);
      said = contents.said;
      choices = contents.choiceCount + contents.choicesLeft;
      fill(features, contents, task.turns);
      readForm(said, turns, form);
      poolLines(contextOf(turns), context);
      // last, so that its pieces are the ones at hand
      pieces = pool(said, asked);
      if (contents.choicesLeft > 0) {
        question.asked.set(asked);
        question.pieces = pieces;
      }
      return values;
    },
    said: () => said,
    saidPieces: inOrder,
    choices: () => choices,
    likenessOfChoices: () => cosineOfRest({ asked, pieces }, question),
  };
}

/** A mean over so many pieces. */
interface Pooled {
  readonly asked: Float64Array;
  readonly pieces: number;
}

/** The cosine of a part's mean and of the mean over what the whole has beside it. */
function cosineOfRest(whole: Pooled, part: Pooled): number {
  let [product, one, other] = [0, 0, 0];
  for (let at = 0; at < part.asked.length; at += 1) {
    const value = part.asked[at]!;
    const rest = whole.pieces * whole.asked[at]! - part.pieces * value;
    product += value * rest;
    one += value * value;
    other += rest * rest;
  }
  return one * other === 0 ? 0 : product / Math.sqrt(one * other);
}

/** What was said before the last user message, system prompt included: the last text first. */
function contextOf(turns: readonly Turn[]): readonly string[] {
  const last = turns.findLastIndex(({ role }) => role === 'user');
  const texts: string[] = [];
  // each has a line end behind it
  let left = CONTEXT_UNITS - 1;
  for (let at = last - 1; at >= 0 && left > 0; at -= 1) {
    const { text } = turns[at]!;
    const end = text.length <= left ? text : text.slice(-left);
    texts.push(end);
    left -= end.length + 1;
  }
  return texts;
}
