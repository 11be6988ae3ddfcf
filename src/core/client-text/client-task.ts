/**
 * Tasks that chat front ends send by themselves, beside the conversation: a title for it, tags, follow-up
 * questions, a search query, a memory. They are recognised by what they ask and of what, in any layout.
 */
import {
  actsOn,
  clearProducts,
  products,
  isAboutConversation,
  RESTRICTION,
  ROLE,
  TRANSCRIPT,
  type ClientTaskKind,
} from './client-task-words.ts';

export interface ClientTask {
  readonly kind: ClientTaskKind;
  /** The sentence that asks for it, without the conversation that it is about. */
  readonly instruction: string;
}

interface Message {
  readonly role: string;
  readonly text: string;
}

/** Characters. Such an instruction stands at one end of a message, or opens the system prompt. */
const HEAD = 800;
const TAIL = 500;
/** An instruction in a system prompt is in its first sentences; an assistant's own rules come later. */
const SYSTEM_HEAD = 320;
/** A longer system prompt (characters) is that of an assistant. */
const MAX_SYSTEM_CHARS = 8000;
/** Characters. Without a transcript a longer message is its own task; after a conversation it may begin with one. */
const MAX_BESIDE = 1500;

interface Window {
  readonly text: string;
  /** The conversation is there: as a transcript in the message, or as messages before it. */
  readonly hasConversation: boolean;
  readonly isSystem: boolean;
}

/** The task that a front end sent by itself; undefined for what a person asks. */
export function clientTask(turns: readonly Message[]): ClientTask | undefined {
  for (const window of windowsOf(turns)) {
    const found = taskIn(window);
    if (found !== undefined) return found;
  }
  return undefined;
}

function windowsOf(turns: readonly Message[]): readonly Window[] {
  const windows: Window[] = [];
  const last = turns.at(-1);
  const system = turns[0]?.role === 'system' ? turns[0].text : '';
  if (last?.role === 'user' || (last?.role === 'system' && turns.length > 1))
    windows.push(...windowsOfMessage(last.text, turns.length > 2));
  if (system !== '' && system.length <= MAX_SYSTEM_CHARS) {
    windows.push({
      text: system.trimStart().slice(0, SYSTEM_HEAD),
      hasConversation: true,
      isSystem: true,
    });
  }
  return windows;
}

function windowsOfMessage(message: string, isLate: boolean): readonly Window[] {
  const text = message.trim();
  const ends = text.length <= HEAD ? [text] : [text.slice(0, HEAD), text.slice(-TAIL)];
  const hasTranscript = isTranscript(endsOf(text));
  if (!hasTranscript && text.length > MAX_BESIDE) {
    if (!isLate) return [];
    ends.pop();
  }
  const hasConversation = hasTranscript || isLate;
  return ends.map((end, index) => ({
    // No part of a message without a transcript has one.
    text: hasTranscript || index > 0 ? outsideTranscript(end, index === 0) : end,
    hasConversation,
    isSystem: false,
  }));
}

/** Each begins with a tag, or has a colon behind a label or a speaker. */
const isTranscript = (text: string): boolean =>
  (text.includes('<') || text.includes(':') || text.includes('：')) && TRANSCRIPT.test(text);

/** Characters of each end of a message in which a transcript's tag is looked for. */
const SEARCHED = 20_000;

const endsOf = (text: string): string =>
  text.length <= 2 * SEARCHED ? text : `${text.slice(0, SEARCHED)}\n${text.slice(-SEARCHED)}`;

/** What stands before the transcript that begins in this end of the message, or after the one that closes in it. */
function outsideTranscript(end: string, isHead: boolean): string {
  if (isHead) {
    const at = end.search(TRANSCRIPT);
    // A message that begins with the transcript has its instruction below it.
    if (at > 20) return end.slice(0, at);
    if (at === -1) return end;
  }
  return end.slice(Math.max(end.lastIndexOf('\n\n'), end.lastIndexOf('</'), 0));
}

function taskIn({ text, isSystem, hasConversation }: Window): ClientTask | undefined {
  const isAbout = isAboutConversation(text);
  const hasReason = isAbout || hasConversation;
  if (!hasReason && !ROLE.test(text)) return undefined;
  const isMarked = isAbout && (hasConversation || RESTRICTION.test(text));
  for (const { kind, product } of isMarked ? products : clearProducts) {
    const instruction = askedFor(product, text, isSystem);
    if (instruction === undefined) continue;
    // Without a conversation only a role says that it is a program's task: "You are a smart memory manager".
    if (hasReason || ROLE.test(instruction)) return { kind, instruction };
  }
  return undefined;
}

/** The first sentence that asks for the product. Most texts have no word of it, and need no sentences. */
const askedFor = (product: RegExp, text: string, isSystem: boolean): string | undefined =>
  product.test(text)
    ? sentences(text).find((sentence) => product.test(sentence) && actsOn(sentence, isSystem))
    : undefined;

const sentences = (text: string): readonly string[] =>
  text
    .split(/(?<=[.!?])\s+|(?<=[。！？])|\n+/)
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== '');
