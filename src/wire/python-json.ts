/** JSON as Python writes it by default: with `NaN`, `Infinity` and `-Infinity`, which no other reader takes. */
import { textEnd } from '../lib/json-strings.ts';

/** What stands for each: minus infinity is OpenAI's log probability of what cannot be, the others are no number at all. */
const WORDS: ReadonlyMap<string, string> = new Map([
  ['-Infinity', '-9999'],
  ['Infinity', 'null'],
  ['NaN', 'null'],
]);

/** The same as JSON, whose strings are as they were. Undefined where it holds no such number. */
export function withoutPythonNumbers(text: string): string | undefined {
  if (!text.includes('NaN') && !text.includes('Infinity')) return undefined;
  let mended = '';
  let copied = 0;
  for (let at = 0; at < text.length;) {
    if (text[at] === '"') {
      const end = textEnd(text, at + 1);
      at = end === -1 ? text.length : end + 1;
      continue;
    }
    const word = wordAt(text, at);
    if (word === undefined) {
      at += 1;
      continue;
    }
    mended += text.slice(copied, at) + WORDS.get(word);
    at += word.length;
    copied = at;
  }
  return copied === 0 ? undefined : mended + text.slice(copied);
}

function wordAt(text: string, at: number): string | undefined {
  for (const word of WORDS.keys()) if (text.startsWith(word, at)) return word;
  return undefined;
}
