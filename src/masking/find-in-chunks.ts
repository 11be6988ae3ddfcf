/** Finds personal data in texts of any length, without blocking the event loop. */
import type { FindPersonal, PersonalDetector, PersonalKind } from '../core/masking.ts';

type Finding = ReturnType<FindPersonal>[number];

/** Characters read at once: a few milliseconds for the most hostile text. */
const CHUNK_CHARS = 25_000;
/** Each chunk overlaps its neighbours by this much, so that no find is cut or loses its context. */
const CONTEXT = 4_500;

/** The finds of each text, in order and not overlapping. Yields to other requests between chunks. */
export async function findIn(
  texts: readonly string[],
  find: FindPersonal,
): Promise<readonly (readonly Finding[])[]> {
  const all: (readonly Finding[])[] = [];
  let unbroken = 0;
  for (const text of texts) {
    const found: Finding[] = [];
    for (let from = 0; from < text.length; from += CHUNK_CHARS) {
      addPiece(found, text, from, find);
      unbroken += Math.min(text.length - from, CHUNK_CHARS);
      if (unbroken < CHUNK_CHARS) continue;
      unbroken = 0;
      await new Promise((resolve) => setImmediate(resolve));
    }
    all.push(found);
  }
  return all;
}

/** A find belongs to the chunk it starts in; the overlap holds its end. */
function addPiece(found: Finding[], text: string, from: number, find: FindPersonal): void {
  const start = Math.max(0, from - CONTEXT);
  const piece = text.slice(start, from + CHUNK_CHARS + CONTEXT);
  for (const { kind, ...at } of find(piece)) {
    const place = { kind, start: at.start + start, end: at.end + start };
    const isHere = place.start >= from && place.start < from + CHUNK_CHARS;
    if (isHere && place.start >= (found.at(-1)?.end ?? 0)) found.push(place);
  }
}

/** The kinds in any of the texts, in the order found; of each text those of the first chunk that has some. */
export async function kindsInAll(
  texts: readonly string[],
  kindsIn: PersonalDetector['kindsIn'],
): Promise<readonly PersonalKind[]> {
  const kinds = new Set<PersonalKind>();
  let unbroken = 0;
  for (const text of texts)
    for (let from = 0; from < text.length; from += CHUNK_CHARS) {
      const piece = text.slice(Math.max(0, from - CONTEXT), from + CHUNK_CHARS);
      for (const kind of kindsIn(piece)) kinds.add(kind);
      unbroken += piece.length;
      if (unbroken < CHUNK_CHARS) continue;
      unbroken = 0;
      await new Promise((resolve) => setImmediate(resolve));
    }
  return [...kinds];
}
