/** One item of a golden set. */
import type { Accept } from './grade.ts';

export interface Message {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** One item of both languages. */
export interface Pair {
  readonly en: Item;
  readonly es: Item;
}

export interface Item {
  readonly messages: readonly Message[];
  readonly accept: Accept;
}

/** One turn of a user. */
export const item = (content: string, accept: Accept): Item => ({
  messages: [{ role: 'user', content }],
  accept,
});
