/**
 * Finds the text that is judged: the task of the current turn, with what it refers to. System prompts, tool results, a client's additions,
 * pasted documents and worked examples are context. A task that a client sends by itself is judged by its instruction.
 */
import type { Turn } from '../../core/signal.ts';
import type { Known } from './calibrated.ts';
import { clientTask } from '../../core/client-text/client-task.ts';
import { ownTurns } from '../../core/client-text/user-words.ts';
import { documentTask } from './document.ts';
import { stanceOf } from './follow-up.ts';
import { withoutMachineText } from './machine-text.ts';

/** Nothing beyond this is read of one task: head, middle and tail stand for the rest. */
const MOST_UNITS = 6000;
/** How far back "and the next one?" is followed. */
const DEEPEST = 4;

export interface Task {
  readonly text: string;
  /** User messages so far, without those that hold only context. */
  readonly turns: number;
}

/** @param known what was found in the conversation before, where it was looked for */
export function taskOf(given: readonly Turn[], known: Known = {}): Task {
  const sent = known.sent ?? clientTask(given) ?? 'none';
  if (sent !== 'none') return { text: sent.instruction, turns: 1 };
  const turns = known.own ?? ownTurns(given);
  let asked = 0;
  let last = -1;
  for (let at = 0; at < turns.length; at += 1) {
    if (turns[at]!.role !== 'user') continue;
    asked += 1;
    last = at;
  }
  if (last === -1) return { text: '', turns: 0 };
  const text = asked === 1 ? turns[last]!.text : inContext(turns, last, DEEPEST);
  return { text: documentTask(withoutMachineText(sampled(text))), turns: asked };
}

/** The user's message at `at`, together with what it leans on. */
function inContext(turns: readonly Turn[], at: number, depth: number): string {
  const message = turns[at]!.text;
  const before = turns.findLastIndex((turn, index) => index < at && turn.role === 'user');
  if (before === -1 || depth === 0) return message;
  const stance = stanceOf(message);
  if (stance === 'alone') return message;
  const offer = stance === 'accepts' ? offerOf(turns, at) : undefined;
  if (offer !== undefined) return offer;
  const earlier = inContext(turns, before, depth - 1);
  return stance === 'replies' ? earlier : `${earlier}\n${message}`;
}

/** What the assistant asked last, if its message ends with a question: "yes" then means that. */
function offerOf(turns: readonly Turn[], at: number): string | undefined {
  const reply = turns.findLast((turn, index) => index < at && turn.role === 'assistant');
  const end = reply?.text.trimEnd().slice(-OFFER_REACH) ?? '';
  if (!'?？؟'.includes(end.slice(-1))) return undefined;
  let from = end.length - 1;
  while (from > 0 && !ENDS_SENTENCE.includes(end.charAt(from - 1))) from -= 1;
  return end.length - 1 - from < LEAST_OFFER ? undefined : end.slice(from);
}
const OFFER_REACH = 600;
const LEAST_OFFER = 8;
const ENDS_SENTENCE = '.!?。！？\n';

/** At most `MOST_UNITS` of a text: its beginning, its end, and evenly spaced pieces between. */
function sampled(text: string): string {
  if (text.length <= MOST_UNITS) return text;
  const side = MOST_UNITS / 3;
  const middle = text.length - 2 * side;
  const pieces = [text.slice(0, side)];
  for (let at = 1; at <= 4; at += 1) {
    const from = side + Math.floor((middle * at) / 5);
    pieces.push(text.slice(from, from + side / 4));
  }
  pieces.push(text.slice(-side));
  return pieces.join('\n\n');
}
