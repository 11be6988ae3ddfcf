/**
 * Requests of our own writing beside the rated ones, and which of them say the same in another language: what is said
 * alike must be judged alike.
 */
import { readFileSync } from 'node:fs';
import type { Row } from './dataset.ts';

const OWN = new URL('./rated.tsv', import.meta.url);
/** Fold of the pairs below: they are never left out, and never counted in a figure. */
const OWN_FOLD = 'own pairs';
/**
 * So many rows each row counts for. What is said alike in two languages must be judged alike; real prompts are few
 * beside everyday rows: counted twice they gain .01 of Spearman on one another, and everyday rows lose .002.
 */
const WEIGHTS: Readonly<Record<string, number>> = { [OWN_FOLD]: 3, arena_hard: 2 };
export const ratedWeight = ({ bench }: Row): number => WEIGHTS[bench] ?? 1;

/**
 * Pairs of our own writing: one need, and the same request in two languages. They teach what the everyday
 * rows lack: short and hard requests, and that a translation is as hard as what it translates.
 */
export function ownRows(): Row[] {
  const lines = readFileSync(OWN, 'utf8').trim().split('\n');
  return lines.flatMap((line, at) => {
    const [need, ...texts] = line.split('\t');
    return [texts.slice(0, 2), texts.slice(2)].map(([lang = '', text = ''], place) =>
      ownRow({
        id: place === 0 ? `own-${at}` : `own-${at}-${lang}`,
        lang,
        text,
        need: Number(need) / 100,
      }),
    );
  });
}

const ownRow = ({
  id,
  lang,
  text,
  need,
  bench = OWN_FOLD,
}: Record<'id' | 'lang' | 'text', string> & { need: number; bench?: string }): Row => ({
  id,
  lang,
  need,
  turns: [{ role: 'user', text }],
  bench,
  family: bench,
  domain: '',
  task: '',
  kind: 'rated',
  tier: '',
  small: undefined,
  large: undefined,
  scores: [],
  noisy: false,
});

const REQUESTS = new URL('./requests.tsv', import.meta.url);
/** Source of the rows below: they are never left out, and are in no figure. */
const REQUESTS_FOLD = 'own requests';

/** Requests of our own writing such as people send to a public assistant, each with one need of one rater. */
export function ownRequests(): Row[] {
  const lines = readFileSync(REQUESTS, 'utf8').trim().split('\n');
  return lines.map((line, at) => {
    const [need, lang = '', text = ''] = line.split('\t');
    return ownRow({
      id: `request-${at}`,
      lang,
      text,
      need: Number(need) / 100,
      bench: REQUESTS_FOLD,
    });
  });
}

/** Sources that every judge is trained on, whatever is left out. */
export const isAlwaysKnown = (fold: string): boolean => fold === OWN_FOLD || fold === REQUESTS_FOLD;

const TRANSLATED = new URL('./translated.tsv', import.meta.url);
/** Source of the rows below: they are left out with what they translate, and are in no figure. */
const TRANSLATED_BENCH = 'translated';

/** Our translations of short everyday rows, which are mostly English: a translation is as hard. */
export function translatedRows(rows: readonly Row[]): Row[] {
  const known = new Map(rows.map((row) => [row.id, row]));
  const lines = readFileSync(TRANSLATED, 'utf8').trim().split('\n');
  return lines.flatMap((line) => {
    const [of = '', ...fields] = line.split('\t');
    const need = known.get(of)?.need;
    if (need === undefined) return [];
    return Array.from({ length: fields.length / 2 }, (_, at) => {
      const [lang = '', text = ''] = fields.slice(2 * at);
      return ownRow({ id: `${of}-${lang}`, lang, text, need, bench: TRANSLATED_BENCH });
    });
  });
}

/** Whether a row is in the figures, and what it is calibrated on. */
export const isCounted = ({ bench }: Row): boolean => bench !== TRANSLATED_BENCH;

/** An English request and its translation, as a judge reads them. */
export interface Pair {
  readonly lang: string;
  readonly english: Float64Array;
  readonly other: Float64Array;
}

/** A translation is named after what it translates: `own-3-es`, `w3-0100-es`. */
export function pairsOf(
  rated: readonly { readonly row: Row; readonly inputs: Float64Array }[],
): Pair[] {
  const byId = new Map(rated.map((one) => [one.row.id, one]));
  return rated.flatMap(({ row: { id, lang, bench }, inputs }) => {
    if (bench !== OWN_FOLD && bench !== TRANSLATED_BENCH) return [];
    const original = byId.get(id.slice(0, -lang.length - 1));
    if (original?.row.lang !== 'en') return [];
    return [{ lang, english: original.inputs, other: inputs }];
  });
}
