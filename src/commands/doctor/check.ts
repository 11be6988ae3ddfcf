/** One thing that `doctor` looked at. */
export interface Check {
  readonly verdict: 'ok' | 'warn' | 'fail';
  /** `upstream local`, `state`, … */
  readonly about: string;
  /** What was found and, where it is not well, what to do. */
  readonly words: string;
}

export const ok = (about: string, words: string): Check => ({ verdict: 'ok', about, words });
export const warn = (about: string, words: string): Check => ({ verdict: 'warn', about, words });
export const fail = (about: string, words: string): Check => ({ verdict: 'fail', about, words });

/** A line each, the verdict first. */
export function checkLines(checks: readonly Check[]): string {
  const width = Math.max(0, ...checks.map(({ about }) => about.length));
  return checks
    .map(({ verdict, about, words }) => `${verdict.padEnd(4)}  ${about.padEnd(width)}  ${words}`)
    .join('\n');
}
