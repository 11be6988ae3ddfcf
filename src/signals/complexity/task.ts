/** Which text of a conversation is judged: the task of the current turn, with what it refers to. */
import type { Turn } from '../../core/signal.ts';

/** A message this short leans on what was said before it ("yes", "and the second one?"). */
const SHORT_UNITS = 40;
/** Nothing beyond this is read of one task: head, middle and tail stand for the rest. */
const MOST_UNITS = 6000;

export interface Task {
  readonly text: string;
  /** User messages so far. */
  readonly turns: number;
}

export function taskOf(turns: readonly Turn[]): Task {
  const asked = turns.filter((turn) => turn.role === 'user' && turn.text.trim() !== '');
  const current = asked.at(-1)?.text ?? '';
  const before = asked.at(-2)?.text;
  const leans = before !== undefined && current.length < SHORT_UNITS;
  return { text: sampled(leans ? `${before}\n${current}` : current), turns: asked.length };
}

/** At most `MOST_UNITS` of a text: its beginning, its end, and evenly spaced pieces between. */
export function sampled(text: string): string {
  if (text.length <= MOST_UNITS) return text;
  const side = MOST_UNITS / 3;
  const middle = text.length - 2 * side;
  const pieces = [text.slice(0, side)];
  for (let at = 1; at <= 4; at += 1) {
    const from = side + Math.floor((middle * at) / 5);
    pieces.push(text.slice(from, from + side / 4));
  }
  pieces.push(text.slice(-side));
  return pieces.join('\n');
}
