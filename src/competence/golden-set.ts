/** The golden set that ships: our own text, fifty items for each of twelve kinds in English and in Spanish, graded without a model. */
import type { GoldenKind } from '../core/competence.ts';
import { conversations, extractions, jsonTasks } from './made-items.ts';
import { sumTasks } from './made-sums.ts';
import type { Accept } from './grade.ts';
import { item, type Message, type Pair } from './item.ts';
import tables from './golden.json' with { type: 'json' };

export interface GoldenItem {
  readonly id: string;
  /** A name of a user's own set may be any. */
  readonly kind: string;
  readonly language: string;
  readonly messages: readonly Message[];
  readonly accept: Accept;
}

/** In `quick` every fifth. */
export function goldenSet({ quick = false } = {}): readonly GoldenItem[] {
  return Object.entries(PAIRS).flatMap(([kind, pairs]) =>
    pairs().flatMap((pair, at) =>
      quick && at % QUICK_STEP !== 0
        ? []
        : [named(kind, 'en', pair, at), named(kind, 'es', pair, at)],
    ),
  );
}

const named = (kind: string, language: 'en' | 'es', pair: Pair, at: number): GoldenItem => ({
  id: `${kind}-${language}-${at + 1}`,
  kind,
  language,
  ...pair[language],
});

const QUICK_STEP = 5;

type Row = readonly string[];

const PAIRS: Readonly<Record<GoldenKind, () => readonly Pair[]>> = {
  extraction: extractions,
  classification: () => tables.reviews.map(review),
  facts: () => tables.facts.map(fact),
  sums: sumTasks,
  'yes-no': () => tables['yes-no'].map(yesNo),
  words: () => tables.words.map(opposite),
  translation: () => tables.translation.map(translation),
  rewriting: () => [12, 8].flatMap((words) => tables.sentences.map((row) => shorter(row, words))),
  json: jsonTasks,
  tools: () => tables.tools.map(tool),
  support: () => tables.support.map(support),
  'follow-ups': conversations,
};

const split = (text = ''): readonly string[] => text.split('|');

const fact = ([en = '', yes, es = '', si]: Row): Pair => ({
  en: item(en, { anyOf: split(yes) }),
  es: item(es, { anyOf: split(si) }),
});

function yesNo([en = '', es = '', answer]: Row): Pair {
  const one = (yes: string, no: string): Accept =>
    answer === 'yes' ? { anyOf: [yes], noneOf: [no] } : { anyOf: [no], noneOf: [yes] };
  return {
    en: item(`${en} Answer yes or no.`, one('yes', 'no')),
    es: item(`${es} Responde sí o no.`, one('sí', 'no')),
  };
}

const opposite = ([en = '', to, es = '', a]: Row): Pair => ({
  en: item(`What is the opposite of "${en}"? Answer with one word.`, { anyOf: split(to) }),
  es: item(`¿Cuál es lo contrario de "${es}"? Responde con una palabra.`, { anyOf: split(a) }),
});

const translation = ([en = '', asEnglish = '', es = '', asSpanish = '']: Row): Pair => ({
  en: item(`Translate to Spanish: ${en}`, { patterns: [asPattern(asSpanish)] }),
  es: item(`Traduce al inglés: ${es}`, { patterns: [asPattern(asEnglish)] }),
});

const asPattern = (words: string): string =>
  String.raw`(?<![\p{L}\p{N}])(?:${words})(?![\p{L}\p{N}])`;

function review([en = '', es = '', feeling = '']: Row): Pair {
  const isGood = feeling === 'positive';
  const one = (good: string, bad: string): Accept => ({
    anyOf: [isGood ? good : bad],
    noneOf: [isGood ? bad : good],
  });
  return {
    en: item(
      `Is this review positive or negative? Answer with one word.\n\n"${en}"`,
      one('positive', 'negative'),
    ),
    es: item(
      `¿Es positiva o negativa esta reseña? Responde con una palabra.\n\n"${es}"`,
      one('positiva', 'negativa'),
    ),
  };
}

const oneOf = (names: readonly string[], right: string): Accept => ({
  anyOf: [right],
  noneOf: names.filter((name) => name !== right),
});

const TOOLS = ['get_weather', 'send_email', 'set_alarm', 'play_music', 'search_flights'];

const tool = ([en = '', es = '', name = '']: Row): Pair => ({
  en: item(
    `These functions can be called: ${TOOLS.join(', ')}. Which one fits the request? Answer with its name only.\n\n"${en}"`,
    oneOf(TOOLS, name),
  ),
  es: item(
    `Se puede llamar a estas funciones: ${TOOLS.join(', ')}. ¿Cuál sirve para la petición? Responde solo con su nombre.\n\n"${es}"`,
    oneOf(TOOLS, name),
  ),
});

const CATEGORIES = ['billing', 'delivery', 'returns', 'account', 'technical'];
const CATEGORIAS = ['facturación', 'entrega', 'devoluciones', 'cuenta', 'técnico'];

const support = ([en = '', es = '', name = '']: Row): Pair => ({
  en: item(
    `Which category does this message belong to: ${CATEGORIES.join(', ')}? Answer with one word.\n\n"${en}"`,
    oneOf(CATEGORIES, name),
  ),
  es: item(
    `¿A qué categoría pertenece este mensaje: ${CATEGORIAS.join(', ')}? Responde con una palabra.\n\n"${es}"`,
    oneOf(CATEGORIAS, CATEGORIAS[CATEGORIES.indexOf(name)] ?? ''),
  ),
});

/** Two of the three things that matter must be left. */
const shorter = ([en = '', keeps, es = '', guarda]: Row, words: number): Pair => ({
  en: item(`Rewrite this in at most ${words} words: ${en}`, kept(keeps, words)),
  es: item(`Reescribe esto en ${words} palabras como mucho: ${es}`, kept(guarda, words)),
});

const kept = (patterns: string | undefined, mostWords: number): Accept => ({
  patterns: split(patterns),
  least: 2,
  mostWords,
});
