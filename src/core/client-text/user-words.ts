/**
 * A person's own words in a message to which a client added context: the state of an editor, reminders,
 * memories, retrieved notes, custom instructions; each in a tag or under a heading.
 */
import { headedWords } from './headed-words.ts';
import { isContextName, isRequestName, nameWords } from './context-names.ts';

/** Characters. A longer message is not searched: the time for it would be noticed by other requests. */
const MAX_CHARS = 1_000_000;
const TAG =
  /<([A-Za-z\u00c0-\uffff][\w.:\u00c0-\uffff-]{0,60})(?:\s[^<>]{0,400})?>|^[ \t]*(?:```|~~~)/gm;
/** Each name that is never closed costs a search to the end of the message. */
const MAX_UNCLOSED = 20;
/** A tool's result that an editor sends in a user's message. */
const TOOL_RESULT = /^\s*\[[\w-]{2,40}(?: for '[^\n]{0,400}')?\][^\n]{0,40}Result:/;
/** A template's own sentences before what was retrieved: the person's question stands after it. */
const ABOUT_THE_BLOCK =
  /\b(?:us(?:e|ing)|based on|given|from)\b.{0,80}\b(?:context|documents?|sources?|notes|information|passages|snippets|excerpts)\b/i;

/**
 * What the person wrote; empty where a message holds nothing but context. A message without such
 * blocks is returned as it is. Linear in the length of the message.
 */
export function userWords(text: string): string {
  if (text.length > MAX_CHARS) return text;
  const { pieces, requests } = withoutBlocks(text);
  if (requests.length > 0) return requests.join('\n').trim();
  const [before, after] = [pieces[0] ?? '', (pieces.at(-1) ?? '').trim()];
  if (TOOL_RESULT.test(before)) return '';
  if (pieces.length === 1) return headedWords(before);
  if (ABOUT_THE_BLOCK.test(before) && after !== '') return headedWords(after);
  return headedWords(pieces.join('').trim());
}

interface Message {
  readonly role: string;
  readonly text: string;
}

/** A conversation with the users' own words only; the messages as they are where nobody said a word. */
export function ownTurns<Turn extends Message>(turns: readonly Turn[]): readonly Turn[] {
  const own: Turn[] = [];
  let isSaid = false;
  for (const turn of turns) {
    const text = turn.role === 'user' ? userWords(turn.text) : turn.text;
    if (text === '' && turn.text !== '') continue;
    if (turn.role === 'user') isSaid = true;
    own.push(text === turn.text ? turn : { ...turn, text });
  }
  return isSaid ? own : turns;
}

interface Blocks {
  /** The text around its context blocks. */
  readonly pieces: readonly string[];
  /** What stands in blocks that are named as the person's request. */
  readonly requests: readonly string[];
}

function withoutBlocks(text: string): Blocks {
  if (!text.includes('</')) return { pieces: [text], requests: [] };
  const pieces: string[] = [];
  const requests: { readonly text: string; readonly isSure: boolean }[] = [];
  const unclosed = new Set<string>();
  let from = 0;
  TAG.lastIndex = 0;
  for (let found = TAG.exec(text); found !== null; found = TAG.exec(text)) {
    const [tag, name] = found;
    if (name === undefined) {
      TAG.lastIndex = endOfFence(text, found.index + tag.length, tag.trim());
      continue;
    }
    const kind = kindOfTag(name);
    const isHopeless = kind === 'other' || unclosed.has(name) || unclosed.size > MAX_UNCLOSED;
    const end = isHopeless ? -1 : closeOf(name, text, TAG.lastIndex);
    if (end === -1) {
      if (kind !== 'other') unclosed.add(name);
      continue;
    }
    if (kind === 'context') {
      pieces.push(text.slice(from, found.index));
      from = end + name.length + 3;
    } else requests.push({ text: text.slice(TAG.lastIndex, end), isSure: kind === 'request' });
    TAG.lastIndex = end + name.length + 3;
  }
  const asked = requests.filter(({ isSure }) => isSure || pieces.length > 0).map((one) => one.text);
  pieces.push(text.slice(from));
  return { pieces, requests: asked };
}

/** Where the tag is closed whose content begins at `from`, past tags of the same name inside of it; -1 = nowhere. */
function closeOf(name: string, text: string, from: number): number {
  const [open, close] = [`<${name}>`, `</${name}>`];
  let end = text.indexOf(close, from);
  for (let at = from; end !== -1;) {
    const inner = text.slice(at, end).indexOf(open);
    const next = inner === -1 ? -1 : text.indexOf(close, end + close.length);
    if (next === -1) break;
    at += inner + open.length;
    end = next;
  }
  return end;
}

/** `might be`: `<question>` is a person's request where a client added context to it, and a word elsewhere. */
function kindOfTag(name: string): 'context' | 'request' | 'might be' | 'other' {
  const words = nameWords(name);
  if (isRequestName(words)) return words.length > 1 || words[0] === 'task' ? 'request' : 'might be';
  return isContextName(words) ? 'context' : 'other';
}

/** After the fence's closing line; the end of the text where it has none. */
function endOfFence(text: string, from: number, fence: string): number {
  const close = text.indexOf(`\n${fence}`, from);
  return close === -1 ? text.length : close + fence.length + 1;
}
