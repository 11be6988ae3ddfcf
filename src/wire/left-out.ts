/** A header that names what of a request the model was asked without: its caller would not know else. */
import type { AnswerHeaders } from '../core/upstream.ts';

const LEFT_OUT = 'x-smallfirst-left-out';
const MOST_NAMES = 10;
const LONGEST_NAME = 60;

/** The same headers, which name these too. The names may be a caller's. */
export function withLeftOut(headers: AnswerHeaders, names: readonly string[]): AnswerHeaders {
  if (names.length === 0) return headers;
  const before = headers[LEFT_OUT]?.split(', ') ?? [];
  const all = new Set([...before, ...names.map(printable)]);
  return { ...headers, [LEFT_OUT]: [...all].slice(0, MOST_NAMES).join(', ') };
}

const printable = (name: string): string => name.replaceAll(/[^\w.-]/g, '?').slice(0, LONGEST_NAME);
