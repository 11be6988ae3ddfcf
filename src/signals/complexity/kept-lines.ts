/** The lines of a text with what of each is the task, and the text that they make up. */
import type { Line } from './layout.ts';

/** A line, and what of it is the task. */
export type KeptLine = Line & { readonly kept: string };

type Kinds = ReadonlySet<Line['kind']>;

/** What is kept of the lines, without those of which nothing speaks. */
export function saidIn(kept: readonly KeptLine[], unspoken: Kinds): string {
  let said = '';
  const [only] = kept;
  if (kept.length === 1 && only !== undefined && !unspoken.has(only.kind)) return only.kept.trim();
  for (const line of kept) {
    if (!unspoken.has(line.kind)) said += line.kept;
    if (!line.goesOn) said += '\n';
  }
  return said.trim();
}

/** The text as it is, without those lines. */
export function withoutUnspoken(text: string, kept: readonly KeptLine[], unspoken: Kinds): string {
  let [rest, from] = ['', 0];
  for (const line of kept) {
    if (!unspoken.has(line.kind)) continue;
    rest += text.slice(from, line.from);
    from = line.to;
  }
  return from === 0 ? text : (rest + text.slice(from)).replaceAll(FENCE, '').trim();
}

const FENCE = /^[ \t]*(?:```|~~~).*$/gm;
