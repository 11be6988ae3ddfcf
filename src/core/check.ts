/** One thing that was looked at: by `doctor`, or because somebody asked on the page. */
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
