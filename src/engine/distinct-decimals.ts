/** Two figures with as few decimals as tell them apart, at least two: never "0.31 is below 0.31". */
export function distinctDecimals(one: number, other: number): readonly [string, string] {
  if (one === other) return [one.toFixed(LEAST), other.toFixed(LEAST)];
  for (let digits = LEAST; digits < MOST; digits += 1) {
    const written = [one.toFixed(digits), other.toFixed(digits)] as const;
    if (written[0] !== written[1]) return written;
  }
  return [one.toFixed(MOST), other.toFixed(MOST)];
}

const LEAST = 2;
/** More decimals than this a double cannot hold. */
const MOST = 15;
