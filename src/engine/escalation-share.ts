/** How many small answers were replaced lately, by kind of request: a wave of bad ones must not send everything to the cloud. */

export interface EscalationShare {
  /** Whether the share is used up: for now no more answers of this kind are replaced. */
  isSpent(kind: string, most: number): boolean;
  ended(kind: string, isReplaced: boolean): void;
}

const WINDOW_MS = 600_000;
/** A share of fewer answers says nothing. */
const LEAST_ANSWERS = 20;
/** The window is dropped in this many parts. */
const PARTS = 10;
/** Names of domains are configured; this bounds what a reload may leave behind. */
const MAX_KINDS = 1000;

interface Part {
  index: number;
  answers: number;
  replaced: number;
}

/** @param nowMs - monotonic */
export function escalationShare(nowMs: () => number): EscalationShare {
  const kinds = new Map<string, Part[]>();
  const partNow = (): number => Math.floor(nowMs() / (WINDOW_MS / PARTS));
  const recent = (kind: string): Part[] =>
    (kinds.get(kind) ?? []).filter(({ index }) => index > partNow() - PARTS);
  return {
    isSpent: (kind, most) => {
      const parts = recent(kind);
      const answers = parts.reduce((sum, part) => sum + part.answers, 0);
      const replaced = parts.reduce((sum, part) => sum + part.replaced, 0);
      return answers >= LEAST_ANSWERS && replaced > most * answers;
    },
    ended: (kind, isReplaced) => {
      if (!kinds.has(kind) && kinds.size >= MAX_KINDS) return;
      const parts = recent(kind);
      const index = partNow();
      let last = parts.at(-1);
      if (last?.index !== index) {
        last = { index, answers: 0, replaced: 0 };
        parts.push(last);
      }
      last.answers += 1;
      if (isReplaced) last.replaced += 1;
      kinds.set(kind, parts);
    },
  };
}
