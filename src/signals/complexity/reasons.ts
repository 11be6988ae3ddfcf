/** The reasons for an estimate, in words. None of them is the caller's. */
import type { InputParts } from './inputs.ts';

export interface NamedPart {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

export interface Evidence {
  readonly need: number;
  readonly parts: readonly NamedPart[];
  /** For each part the need where it says nothing. */
  readonly rest: readonly number[];
  /** The nearest rated request: its need, and its text where it may be shown. */
  readonly nearest: { readonly need: number; readonly text: string };
  /** Of the nearest one, 0..1. */
  readonly similarity: number;
}

/** A part that moves the estimate by less than this is no reason. */
const MIN_PUSH = 0.04;
/** A rated request less similar than this is no example. */
const MIN_SIMILARITY = 0.15;

/** Which parts push up or down, and the nearest rated request. */
export function reasons({ need, parts, rest, nearest, similarity }: Evidence): string {
  const moved: { readonly name: string; readonly push: number }[] = [];
  parts.forEach(({ name }, at) => {
    const push = need - rest[at]!;
    if (Math.abs(push) >= MIN_PUSH) moved.push({ name, push });
  });
  moved.sort((a, b) => Math.abs(b.push) - Math.abs(a.push));
  let why = '';
  for (const { name, push } of moved)
    why += `${why === '' ? ': ' : ', '}${name} ${push > 0 ? '+' : '-'}${Math.round(Math.abs(push) * 100)}`;
  if (nearest.text === '' || similarity < MIN_SIMILARITY) return why;
  return `${why}; nearest rated request: “${nearest.text}” (${Math.round(nearest.need * 100)})`;
}

/** The fast judge's inputs by what they say. */
export function namedParts({ form, counts, asked, context }: InputParts): NamedPart[] {
  return [
    { name: 'form', from: 0, to: form },
    { name: 'kind of task', from: form, to: form + counts },
    { name: 'meaning', from: form + counts, to: form + counts + asked },
    { name: 'context', from: form + counts + asked, to: form + counts + asked + context },
  ];
}
