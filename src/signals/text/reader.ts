import type { Features } from '../../core/signal.ts';
import { openMeaning } from '../meaning/meaning.ts';
import { plainText } from './plain-text.ts';
import { wordSplitter, type Words } from './words.ts';

/**
 * What the signals that judge the current request read: at most `MOST` characters, both ends of longer ones. The next request overwrites
 * it.
 */
export interface Reading {
  readonly text: string;
  readonly words: Words;
  /** The distinct word pieces, capitals apart; read when first asked for. None where their table is damaged. Overwritten by the next request's. */
  pieces(): Int32Array;
}

/** Characters. A question stands at the start or at the end of what is pasted with it. */
const MOST = 2000;

/** A task shorter than this (characters) may be a mere "yes": what it answers is read with it. */
const BARE = 24;

/** Both ends of a text, `most` characters in all. */
export function sample(text: string, most: number): string {
  if (text.length <= most) return text;
  const half = most >> 1;
  return `${text.slice(0, half)}\n${text.slice(text.length - half)}`;
}

/**
 * The task, with the turn it answers when it is bare: "yes" and "and the second one?" are about what
 * was said before.
 */
export function taskInContext({ task, turns }: Features): string {
  if (task.length >= BARE) return sample(task, MOST);
  const users = turns.filter((turn) => turn.role === 'user');
  const earlier = users.length > 1 ? (users[users.length - 2]?.text ?? '') : '';
  return earlier === '' ? task : `${sample(earlier, MOST - BARE)}\n${task}`;
}

/**
 * Reads each request once for all the signals that ask, one after the other. Only the last one is remembered,
 * until the next comes: entries of a WeakMap outlive their requests until all of the heap is collected.
 */
export function taskReader(): (features: Features) => Reading {
  const meant = openMeaning();
  const split = wordSplitter();
  let last: { readonly features: Features; readonly reading: Reading } | undefined;
  return (features) => {
    if (last?.features === features) return last.reading;
    const text = taskInContext(features);
    let pieces: Int32Array | undefined;
    const reading = {
      text,
      words: split(text),
      pieces: () => (pieces ??= meant?.passingPieces(plainText(text)) ?? new Int32Array(0)),
    };
    last = { features, reading };
    return reading;
  };
}
