/** Placeholders for the finds of one request: the same value has the same placeholder everywhere. */
import type { FindPersonal, MaskedCounts, PersonalKind } from '../core/masking.ts';

type Finding = ReturnType<FindPersonal>[number];

/** `<EMAIL_1>`, `<US_SSN_2>`. */
const PLACEHOLDER = /<[A-Z_]+_\d+>/g;

export interface Placeholders {
  /** The text with these finds masked. */
  mask(text: string, found: readonly Finding[]): string;
  /** The text without the values that were masked elsewhere: what stands around a value may hide it from who looks for it. */
  maskKnown(text: string): string;
  /** The text with every placeholder replaced by its value. */
  restore(text: string): string;
  /** The same inside a JSON string. */
  restoreQuoted(text: string): string;
  /** Start of a trailing text that could still become a placeholder; the text's length if none. */
  pendingFrom(text: string): number;
  counts(): MaskedCounts;
  /** Number of masked values. */
  size(): number;
}

/** @param written the original request: what looks like a placeholder in it is the caller's own text. */
export function createPlaceholders(written: string): Placeholders {
  const taken = new Set(written.match(PLACEHOLDER));
  const byValue = new Map<string, string>();
  const values = new Map<string, string>();
  const next: Partial<Record<PersonalKind, number>> = {};
  const counts: Partial<Record<PersonalKind, number>> = {};

  const standIn = (kind: PersonalKind, value: string): string => {
    const known = byValue.get(value);
    if (known !== undefined) return known;
    let placeholder: string;
    do {
      next[kind] = (next[kind] ?? 0) + 1;
      placeholder = `<${kind.toUpperCase()}_${next[kind]}>`;
    } while (taken.has(placeholder));
    counts[kind] = (counts[kind] ?? 0) + 1;
    byValue.set(value, placeholder);
    // A later pass may find a value around a placeholder of an earlier one.
    values.set(placeholder, restore(value));
    return placeholder;
  };
  const restore = (text: string): string =>
    values.size === 0 || !text.includes('<')
      ? text
      : text.replaceAll(PLACEHOLDER, (found) => values.get(found) ?? found);

  return {
    mask: (text, found) => {
      let masked = '';
      let from = 0;
      for (const { kind, start, end } of found) {
        masked += text.slice(from, start) + standIn(kind, text.slice(start, end));
        from = end;
      }
      return masked + text.slice(from);
    },
    maskKnown: (text) => {
      let masked = text;
      for (const [value, placeholder] of byValue) masked = masked.replaceAll(value, placeholder);
      return masked;
    },
    restore,
    restoreQuoted: (text) =>
      text.replaceAll(PLACEHOLDER, (found) => {
        const value = values.get(found);
        return value === undefined ? found : JSON.stringify(value).slice(1, -1);
      }),
    pendingFrom: (text) => {
      const start = text.lastIndexOf('<');
      if (start === -1) return text.length;
      const tail = text.slice(start);
      for (const placeholder of values.keys()) {
        if (tail.length < placeholder.length && placeholder.startsWith(tail)) return start;
      }
      return text.length;
    },
    counts: () => ({ ...counts }),
    size: () => values.size,
  };
}

/** Restores a text that comes in pieces; holds back only what may become a placeholder. */
export interface Restorer {
  push(piece: string): string;
  /** The text that was held back and became no placeholder. */
  flush(): string;
}

export function createRestorer(
  placeholders: Placeholders,
  restore: (text: string) => string = placeholders.restore,
): Restorer {
  let held = '';
  return {
    push: (piece) => {
      const text = held + piece;
      const end = placeholders.pendingFrom(text);
      held = text.slice(end);
      return restore(text.slice(0, end));
    },
    flush: () => {
      const rest = held;
      held = '';
      return rest;
    },
  };
}
