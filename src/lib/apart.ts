/** Two figures in as few decimals as tell them apart, two at least: never "0.31 is below 0.31". */
export function apart(one: number, other: number): readonly [string, string] {
  let digits = 2;
  while (digits < MOST && one !== other && one.toFixed(digits) === other.toFixed(digits))
    digits += 1;
  return [one.toFixed(digits), other.toFixed(digits)];
}

/** Beyond this a double has no more to say of a share. */
const MOST = 15;
