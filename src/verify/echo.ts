/** The check `echo`: the answer gives back what it was given. */
import type { Check } from './check.ts';

/** So much of a text, word for word, is no coincidence. */
const LEAST_UNITS = 60;
/** An answer that is so much longer than the question gives more than that back, however much white space is in it. */
const MOST_TIMES = 8;
/** Of the system prompt its beginning is looked for. */
const RULES_UNITS = 4 * LEAST_UNITS;
/** An answer of which less than this share is its own. */
const OWN_SHARE = 0.25;
/** The text is asked for again: corrected, completed, formatted, translated, repeated. */
const ASKED =
  /repeat|correct|fix|proofread|rewrite|rephrase|edit|format|complete|quote|extract|copy|echo|convert|transcri|clean|repite|corrige|reescribe|copia|extrae|completa|formate|korrigier|wiederhol|umschreib|corrige[rz]?|r[ée]p[eè]te|recopi|traduc|translat|重复|改写|修改|纠正|校对|修正|書き直/iu;

/** The words of a text are to be others, not fewer or righter: as it was it is no answer. */
const REWORDED =
  /(?<!\p{L})(?:rewrite|rephrase|reword|paraphrase|translate|reescrib\w+|parafrase\w+|trad[uú][cz]\w+|umschreib\w*|umformulier\w*|formulier\w* [^.:]{0,40}\bum|[üu]bersetz\w*|reformule[rz]?|tradui\w+|riscriv\w+|riformul\w+)(?!\p{L})/iu;
/** Shorter ones are names, or the same in both languages. */
const LEAST_REWORDED = { units: 20, words: 4 } as const;

/** The question, the text of it that was to be reworded, or the system prompt, given back. */
export const echo: Check = {
  name: 'echo',
  find: ({ text }, { task, system }) => {
    const asked = plain(task);
    const rules = plain(system().slice(0, RULES_UNITS));
    const mayGiveBack = text.length <= MOST_TIMES * asked.length;
    if (!mayGiveBack && rules.length < 2 * LEAST_UNITS) return undefined;
    const said = plain(text);
    if (isQuestion(said, asked, task)) return 'it gives the question back';
    if (asked.includes(said) && isToReword(said, task)) return 'it gives the text back as it was';
    if (rules.length < 2 * LEAST_UNITS) return undefined;
    const opening = rules.slice(0, 2 * LEAST_UNITS);
    return said.includes(opening) && !asked.includes(opening)
      ? 'it gives the system prompt back'
      : undefined;
  },
};

function isQuestion(said: string, asked: string, task: string): boolean {
  if (said === asked) return asked.length >= LEAST_UNITS / 3;
  if (asked.length < LEAST_UNITS || ASKED.test(task) || !said.includes(asked)) return false;
  return said.length - asked.length < OWN_SHARE * said.length;
}

function isToReword(said: string, task: string): boolean {
  const { units, words } = LEAST_REWORDED;
  return said.length >= units && said.split(' ').length >= words && REWORDED.test(task);
}

/** Most texts have no white space but single spaces. */
const plain = (text: string): string =>
  (UNEVEN.test(text) ? text.replaceAll(/\s+/g, ' ') : text).trim().toLowerCase();
const UNEVEN = /\s\s|[^\S ]/;
