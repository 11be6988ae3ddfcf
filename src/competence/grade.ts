/** Grades answers without a model: by words, numbers, patterns, lengths and JSON. */
import { isObject, type Json } from '../lib/json.ts';

/** What makes an answer right. Every member that is given must hold. */
export interface Accept {
  /** One of these stands in it, as a word or words; accents and case do not count. */
  readonly anyOf?: readonly string[];
  /** None of these does. */
  readonly noneOf?: readonly string[];
  /** Regular expressions, without regard to case: at least `least` of them match, all if not given. */
  readonly patterns?: readonly string[];
  readonly least?: number;
  /** This number stands in it. */
  readonly number?: number;
  /** It has at most so many words. */
  readonly mostWords?: number;
  /** It is a JSON object, in a code fence or not, with these members. */
  readonly json?: Readonly<Record<string, Json>>;
}

/** Nothing is read beyond this. */
const MOST_UNITS = 4000;

export function isRight(answer: string, accept: Accept): boolean {
  const text = answer.slice(0, MOST_UNITS);
  const plain = plainOf(text);
  const { anyOf, noneOf = [], patterns, number, mostWords, json } = accept;
  if (anyOf !== undefined && !anyOf.some((word) => holds(plain, word))) return false;
  if (noneOf.some((word) => holds(plain, word))) return false;
  if (patterns !== undefined && !hasPatterns(text, patterns, accept.least)) return false;
  if (number !== undefined && !hasNumber(text, number)) return false;
  if (mostWords !== undefined && wordsIn(text) > mostWords) return false;
  return json === undefined || hasMembers(text, json);
}

const plainOf = (text: string): string =>
  text
    .normalize('NFD')
    .replaceAll(/\p{Diacritic}/gu, '')
    .toLowerCase();

function holds(plain: string, word: string): boolean {
  const wanted = plainOf(word).replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(String.raw`(?<![\p{L}\p{N}])${wanted}(?![\p{L}\p{N}])`, 'u').test(plain);
}

function hasPatterns(text: string, patterns: readonly string[], least = patterns.length): boolean {
  return patterns.filter((one) => new RegExp(one, 'iu').test(text)).length >= least;
}

function hasNumber(text: string, wanted: number): boolean {
  const found = text.replaceAll(/(?<=\d)[,.\u00a0 ](?=\d{3}\b)/g, '').match(/-?\d+(?:[.,]\d+)?/g);
  return (found ?? []).some((one) => Number(one.replace(',', '.')) === wanted);
}

const wordsIn = (text: string): number => text.match(/[\p{L}\p{N}][\p{L}\p{N}'’-]*/gu)?.length ?? 0;

function hasMembers(text: string, wanted: Readonly<Record<string, Json>>): boolean {
  const bare = /```(?:json)?\s*([\s\S]*?)```/.exec(text)?.[1] ?? text;
  let value: unknown;
  try {
    value = JSON.parse(bare);
  } catch {
    return false;
  }
  if (!isObject(value)) return false;
  const given = value;
  return Object.entries(wanted).every(([name, one]) => isSame(given[name], one));
}

/** Numbers may be written as texts: what is asked is whether the model found them. */
const isSame = (given: Json | undefined, wanted: Json): boolean =>
  given === wanted ||
  (isPlain(given) && isPlain(wanted) && plainOf(String(given)) === plainOf(String(wanted)));

const isPlain = (value: Json | undefined): value is string | number | boolean =>
  ['string', 'number', 'boolean'].includes(typeof value);
