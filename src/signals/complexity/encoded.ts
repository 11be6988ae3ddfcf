/** Decodes a request that was written wholly in an encoding, so that its content is judged. */
import { decodedOnce } from '../../lib/decoded-once.ts';
import { unitAt } from '../../lib/text-units.ts';
import { decodedRuns } from '../pii/encoded-runs.ts';
import { hasWords } from './tokens.ts';

/** Long runs that no one reads: base64, keys, hashes, hexadecimal. */
const LEAST_RUN = 32;
const OF_RUN = new Uint8Array(128);
for (const sign of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_=-')
  OF_RUN[sign.charCodeAt(0)] = 1;
/** Where one goes on in the next line. */
const LINE_OF_RUN = /(?<=[A-Za-z0-9+/])\r?\n(?=[A-Za-z0-9+/]{32})/g;
/** Text in text in text is undone so often. */
const MOST_LAYERS = 3;
/** Units of what stands before a run that may say that it is to be read. */
const BEFORE = 80;
const ASKS_TO_READ =
  /base ?64|\bhex|d[eé]cod|decif|dechiff|entschl|entziffer|декод|расшифр|解码|デコード|decrypt|:\s*$/i;

/**
 * The text without runs of Base64 and hex. Where one is all that is said, or is to be read by what stands before it,
 * it stands there as the text that it is.
 */
export function withoutRuns(text: string): string {
  let plain = text.replace(LINE_OF_RUN, '');
  for (let layer = 0; layer < MOST_LAYERS; layer += 1) {
    const runs = encodedRuns(plain);
    if (runs.length === 0) break;
    const isAlone = !hasWords(withRuns(plain, runs, () => ''));
    const next = withRuns(plain, runs, (run, at) => {
      const isRead = isAlone || ASKS_TO_READ.test(plain.slice(Math.max(0, at - BEFORE), at));
      return isRead ? readable(run) : ' ';
    });
    if (next === plain) break;
    plain = next;
  }
  return plain;
}

interface Run {
  readonly from: number;
  readonly to: number;
}

function encodedRuns(text: string): readonly Run[] {
  const runs: Run[] = [];
  const { length } = text;
  for (let at = 0; at < length; at += 1) {
    const from = at;
    while (at < length && OF_RUN[unitAt(text, at)] === 1) at += 1;
    if (at - from >= LEAST_RUN && isEncoded(text.slice(from, at))) runs.push({ from, to: at });
  }
  return runs;
}

/** The text with something else in place of each run. */
function withRuns(
  text: string,
  runs: readonly Run[],
  replaced: (run: string, at: number) => string,
): string {
  let [rest, next] = ['', 0];
  for (const { from, to } of runs) {
    rest += text.slice(next, from) + replaced(text.slice(from, to), from);
    next = to;
  }
  return rest + text.slice(next);
}

/** Prose has no 32 letters without a space; identifiers rarely mix cases and digits. */
function isEncoded(run: string): boolean {
  const kinds = [/[a-z]/, /[A-Z]/, /\d/].filter((kind) => kind.test(run)).length;
  return kinds === 3 || run.length >= 64 || /^[0-9a-f]{32,}$/i.test(run);
}

/** What a run says; a blank where it is no text. */
const readable = (run: string): string =>
  decodedRuns(run)
    .filter(hasWords)
    .reduce((longest, said) => (said.length > longest.length ? said : longest), ' ');

/** Letters with a blank between them, words with two and more. */
const LETTERS_APART = /(?<!\S)\S(?:[ \t]{1,3}\S(?!\S)){7,}/g;
const LEAST_APART = 12;
/** Formulas have blanks between their signs, too. */
const MOSTLY = 0.85;

/** @param apart how many signs of the text stand by themselves */
export function withLettersJoined(text: string, apart: number): string {
  if (apart < LEAST_APART) return text;
  return text.replace(LETTERS_APART, (run) => {
    const letters = run.match(/\p{L}/gu)?.length ?? 0;
    if (letters < MOSTLY * run.replaceAll(/[ \t]/g, '').length) return run;
    return run
      .split(/[ \t]{2,}/)
      .map((word) => word.replaceAll(/[ \t]/g, ''))
      .join(' ');
  });
}

const SEPARATOR = /(?<=\p{L}{2}[,;:?!]?)(?:_{1,40}|[-.+~|·]{1,40})(?=\p{L}{2})/gu;
/** The same within a text that has such words: also beside a short word or a number. */
const ANY_SEPARATOR = /(?<=[\p{L}\p{N},;:?!])(?:_{1,40}|[-.+~|·]{1,40})(?=[\p{L}\p{N}])/gu;
const LEAST_SEPARATORS = 4;
const ESCAPED = /(?:%[0-9a-f]{2})+/gi;

/** A text that has signs where others have blanks, with blanks; percent escapes undone. */
export function withWordsApart(text: string): string {
  const blanks = text.match(/\s+/g)?.length ?? 0;
  let plain = text;
  if ((plain.match(ESCAPED)?.length ?? 0) > Math.max(LEAST_SEPARATORS - 1, 2 * blanks))
    plain = plain.replace(ESCAPED, (run) => decodedOnce(run));
  const count = plain.match(SEPARATOR)?.length ?? 0;
  if (count >= LEAST_SEPARATORS && count > 2 * blanks) plain = plain.replace(ANY_SEPARATOR, ' ');
  return plain;
}

const FENCE = '```';

/** What stands in a fence around the whole text. */
export function withoutFence(text: string): string {
  if (!text.startsWith(FENCE) || !text.endsWith(FENCE)) return text;
  const from = text.indexOf('\n') + 1;
  const to = text.length - FENCE.length;
  if (from === 0 || from > to || text.indexOf(FENCE, from) < to) return text;
  return text.slice(from, to).trim();
}
