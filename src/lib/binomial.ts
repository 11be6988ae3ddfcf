/** Exact bounds of a share (Clopper and Pearson, Biometrika 26, 1934), by the incomplete beta function. */

/** Lanczos' series for the logarithm of the gamma function, g = 7, nine terms: 15 digits. */
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313,
  -176.61502916214059, 12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6,
  1.5056327351493116e-7,
];

function logGamma(x: number): number {
  let sum = LANCZOS[0]!;
  for (let at = 1; at < LANCZOS.length; at += 1) sum += LANCZOS[at]! / (x - 1 + at);
  const t = x + 6.5;
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}

/** Smallest value that stands for 0 in a continued fraction. */
const TINY = 1e-300;
const MOST_TERMS = 300;
const PRECISE = 1e-14;

const notZero = (value: number): number => (Math.abs(value) < TINY ? TINY : value);

/** Lentz' evaluation of the continued fraction of the incomplete beta function (DLMF 8.17.22). */
function betaFraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / notZero(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= MOST_TERMS; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / notZero(1 + even * d);
    c = notZero(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / notZero(1 + odd * d);
    c = notZero(1 + odd / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) < PRECISE) break;
  }
  return fraction;
}

/** The share of a beta distribution with parameters `a` and `b` that lies below `x`. */
function betaShareBelow(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(
    logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log(1 - x),
  );
  return x < (a + 1) / (a + b + 2)
    ? (front * betaFraction(x, a, b)) / a
    : 1 - (front * betaFraction(1 - x, b, a)) / b;
}

/** Halvings of the interval: more than a double can tell apart. */
const HALVINGS = 60;

function betaQuantile(share: number, a: number, b: number): number {
  let [low, high] = [0, 1];
  for (let round = 0; round < HALVINGS; round += 1) {
    const middle = (low + high) / 2;
    if (betaShareBelow(middle, a, b) < share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/**
 * One-sided upper bound of a share: `hits` of `of`, which need not be whole numbers (weighted counts).
 * @param confidence 0.95: the bound is too low in at most 5 of 100 cases
 */
export const upperBound = (hits: number, of: number, confidence: number): number =>
  of <= 0 || hits >= of ? 1 : betaQuantile(confidence, hits + 1, of - hits);

/** One-sided lower bound of a share. */
export const lowerBound = (hits: number, of: number, confidence: number): number =>
  of <= 0 || hits <= 0 ? 0 : betaQuantile(1 - confidence, hits, of - hits + 1);
