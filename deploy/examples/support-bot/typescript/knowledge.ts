/** Finds the articles that fit a question, by BM25 (Robertson and Zaragoza, 2009): no service, no index on disk. */
import { readFileSync } from 'node:fs';

export type Language = 'en' | 'es';
type Both = Readonly<Record<Language, string>>;

export interface Article {
  readonly id: string;
  readonly title: Both;
  readonly text: Both;
}

export interface Order {
  readonly number: string;
  readonly state: string;
  readonly says: Both;
}

const read = (name: string): string => readFileSync(new URL(`../${name}`, import.meta.url), 'utf8');
export const articles: readonly Article[] = JSON.parse(read('articles.json'));
const orders: readonly Order[] = JSON.parse(read('orders.json'));

export const ORDER_NUMBER = /\bTK-?\d{5}\b/i;

export const findOrder = (number: string): Order | undefined =>
  orders.find((order) => order.number === number.toUpperCase().replace(/^TK-?/, 'TK-'));

const SPANISH =
  /[¿¡ñáéíóú]|\b(el|la|los|las|mi|un|una|de|que|para|con|cuando|donde|como|quiero|hola|gracias|pedido|no puedo)\b/i;
export const languageOf = (text: string): Language => (SPANISH.test(text) ? 'es' : 'en');

/** How fast a repeated word stops to count, and how much a long article is held back; the usual values. */
const K1 = 1.2;
const B = 0.75;
/** A word in the title says more than one in the text. */
const TITLE_TIMES = 3;
/** Letters that tell words apart: "delivery" and "deliveries", "entrega" and "entregas" become one. */
const STEM = 5;

const FREQUENT = new Set(
  'the and you your for are can how what when does with have from that this there not por los las una que con para como cual cuando donde mis del hay tienen puedo'.split(
    ' ',
  ),
);

const wordsOf = (text: string): string[] =>
  (
    text
      .toLowerCase()
      .normalize('NFD')
      .replaceAll(/\p{M}/gu, '')
      .match(/[a-z0-9]{3,}/g) ?? []
  )
    .filter((word) => !FREQUENT.has(word))
    .map((word) => word.slice(0, STEM));

const documents = articles.map((article) => {
  const words = (['en', 'es'] as const).flatMap((language) =>
    wordsOf(`${`${article.title[language]} `.repeat(TITLE_TIMES)}${article.text[language]}`),
  );
  return { article, words, counts: Map.groupBy(words, (word) => word) };
});
const meanLength = documents.reduce((sum, { words }) => sum + words.length, 0) / documents.length;

function rarityOf(word: string): number {
  const having = documents.filter(({ counts }) => counts.has(word)).length;
  return Math.log(1 + (documents.length - having + 0.5) / (having + 0.5));
}

/** The `most` articles that fit best, best first; those that share no word with the question are left out. */
export function findArticles(question: string, most = 3): readonly Article[] {
  const asked = [...new Set(wordsOf(question))];
  const scored = documents.map(({ article, words, counts }) => {
    const held = K1 * (1 - B + (B * words.length) / meanLength);
    const score = asked.reduce((sum, word) => {
      const times = counts.get(word)?.length ?? 0;
      return sum + (rarityOf(word) * times * (K1 + 1)) / (times + held);
    }, 0);
    return { article, score };
  });
  return scored
    .filter(({ score }) => score > 0)
    .toSorted((one, other) => other.score - one.score)
    .slice(0, most)
    .map(({ article }) => article);
}
