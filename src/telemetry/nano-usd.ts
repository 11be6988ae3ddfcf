/** Sums of money are counted in whole billionths of a dollar, and told in dollars. */
export const NANO_PER_USD = 1e9;
