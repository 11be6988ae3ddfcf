/** Ends a text at the first stop text, however its pieces are split. */

export interface StopTexts {
  /** Returns the text that may be sent after `piece`; the rest is held back while it could still become a stop text. */
  push(piece: string): string;
  /** Returns the held-back text, after the last piece. */
  flush(): string;
  /** True once a stop text was found; nothing is returned after it. */
  hasEnded(): boolean;
}

/** Stop texts themselves are never returned. With an empty list everything passes at once. */
export function stopTexts(stops: readonly string[]): StopTexts {
  let held = '';
  let found = false;
  return {
    hasEnded: () => found,
    push: (piece) => {
      if (found) return '';
      held += piece;
      const at = firstOf(stops, held);
      if (at >= 0) {
        found = true;
        const shown = held.slice(0, at);
        held = '';
        return shown;
      }
      const keep = pendingLength(stops, held);
      const shown = held.slice(0, held.length - keep);
      held = held.slice(held.length - keep);
      return shown;
    },
    flush: () => {
      const shown = held;
      held = '';
      return shown;
    },
  };
}

/** Start of the stop text that completes first; of two that end together, the longer one. */
function firstOf(stops: readonly string[], text: string): number {
  let first = -1;
  let firstEnd = Infinity;
  for (const stop of stops) {
    const at = text.indexOf(stop);
    const end = at + stop.length;
    if (at < 0 || end > firstEnd || (end === firstEnd && at > first)) continue;
    first = at;
    firstEnd = end;
  }
  return first;
}

/** Length of the longest suffix of `text` that is a prefix of a stop text. */
function pendingLength(stops: readonly string[], text: string): number {
  const longest = Math.max(0, ...stops.map((stop) => stop.length - 1));
  for (let length = Math.min(longest, text.length); length > 0; length--) {
    const end = text.slice(-length);
    if (stops.some((stop) => stop.startsWith(end))) return length;
  }
  return 0;
}
