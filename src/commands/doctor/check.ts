import type { Check } from '../../core/check.ts';

/** A line each, the verdict first. */
export function checkLines(checks: readonly Check[]): string {
  const width = Math.max(0, ...checks.map(({ about }) => about.length));
  return checks
    .map(({ verdict, about, words }) => `${verdict.padEnd(4)}  ${about.padEnd(width)}  ${words}`)
    .join('\n');
}
