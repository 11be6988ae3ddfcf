/** What the fast judge reads of a request, as numbers: its form, its words by concept, and what it means. */
import type { Features, Turn } from '../../core/signal.ts';
import { meaning } from '../meaning/meaning.ts';
import { featureNames, filler } from './features.ts';
import { FORM_NAMES, formReader } from './form.ts';
import { type Contents, reader } from './reader.ts';
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
  read(turns: readonly Turn[], sent?: Features['sent']): Float64Array;
  /** The task that was read last, as it is meant. */
  said(): string;
}

/** What is read of everything around the task: its end is nearest to it. */
const CONTEXT_UNITS = 3000;

export function judgeInputs(): Inputs {
  const read = reader();
  const names = featureNames(read.concepts);
  const fill = filler(read.concepts);
  const readForm = formReader();
  const { dimensions, pool } = meaning();
  const parts = {
    form: FORM_NAMES.length,
    counts: names.length,
    asked: dimensions,
    context: dimensions,
  };
  let said = '';
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
    read: (turns, sent) => {
      const task = taskOf(turns, sent);
      const contents: Contents = read.read(task.text);
      said = contents.said;
      fill(features, contents, task.turns);
      readForm(said, turns, form);
      pool(said, asked);
      pool(contextOf(turns), context);
      return values;
    },
    said: () => said,
  };
}

/** What was said before the last user message, system prompt included. */
function contextOf(turns: readonly Turn[]): string {
  const last = turns.findLastIndex(({ role }) => role === 'user');
  let text = '';
  for (let at = last - 1; at >= 0 && text.length < CONTEXT_UNITS; at -= 1)
    text = `${turns[at]!.text.slice(-CONTEXT_UNITS)}\n${text}`;
  return text.slice(-CONTEXT_UNITS);
}
