/** Suggests a correction for a mistyped name. */

/**
 * Optimal string alignment distance: insertions, deletions, substitutions and swaps of two neighbours
 * each cost 1. O(a·b); meant for names, not texts.
 */
export function editDistance(a: string, b: string): number {
  const width = b.length + 1;
  // One flat table: cell (row, column) is the distance of the first `row` and `column` letters.
  const table = new Uint16Array((a.length + 1) * width);
  const cell = (row: number, column: number): number => table[row * width + column] ?? 0;
  for (let column = 1; column < width; column++) table[column] = column;
  for (let row = 1; row <= a.length; row++) {
    table[row * width] = row;
    for (let column = 1; column < width; column++) {
      const change = a[row - 1] === b[column - 1] ? 0 : 1;
      const swapped =
        row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      table[row * width + column] = Math.min(
        cell(row - 1, column) + 1,
        cell(row, column - 1) + 1,
        cell(row - 1, column - 1) + change,
        swapped ? cell(row - 2, column - 2) + 1 : Infinity,
      );
    }
  }
  return cell(a.length, b.length);
}

/** No candidate is longer: comparing longer words would only take time. */
const MAX_CHARS = 64;

/**
 * The candidate nearest to `word`, if it is near enough to be a typing error: up to a third of the letters
 * wrong, at least one, and never all of them.
 */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  if (word.length > MAX_CHARS) return undefined;
  const written = word.toLowerCase();
  const ranked = candidates
    // Each letter too many or too few is an error: most names need no comparing.
    .filter((one) => Math.abs(one.length - word.length) <= mostErrors(word, one))
    .map((candidate) => ({ candidate, distance: editDistance(written, candidate.toLowerCase()) }))
    .toSorted((left, right) => left.distance - right.distance);
  const best = ranked[0];
  if (best === undefined) return undefined;
  return best.distance <= mostErrors(word, best.candidate) ? best.candidate : undefined;
}

function mostErrors(word: string, candidate: string): number {
  const third = Math.floor(Math.max(word.length, candidate.length) / 3);
  return Math.min(Math.max(1, third), word.length - 1);
}

/** A sentence to append to another, with the blank between: " Did you mean 'a'?"; empty where no name is near. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const near = nearest(word, candidates);
  return near === undefined ? '' : ` Did you mean '${near}'?`;
}

/** "did you mean `a`?" where a name is near, else `otherwise`, which is the list of candidates unless told. */
export function suggestion(
  word: string,
  candidates: readonly string[],
  otherwise = possible(candidates),
): string {
  const near = nearest(word, candidates);
  return near === undefined ? otherwise : meant(near);
}

export const meant = (name: string): string => `did you mean \`${name}\`?`;

export const possible = (candidates: readonly string[]): string =>
  candidates.length === 0
    ? 'there are none'
    : `possible: ${candidates.map((candidate) => `\`${candidate}\``).join(', ')}`;
