/** Ends a text at the first stop text, however the pieces that it arrives in are cut. */

export interface StopTexts {
  /** What may be shown now that `piece` has come; the rest is held back while it could still become a stop text. */
  push(piece: string): string;
  /** What was held back, once nothing more comes. */
  flush(): string;
  /** True from the moment a stop text was seen; nothing is shown after it. */
  hasEnded(): boolean;
}

/** Stop texts themselves are never shown. With an empty list everything passes at once. */
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

/** Where the stop text that is complete first begins; of two that end together the longer one counts. */
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

/** Length of the longest end of `text` that is the beginning of a stop text. */
function pendingLength(stops: readonly string[], text: string): number {
  const longest = Math.max(0, ...stops.map((stop) => stop.length - 1));
  for (let length = Math.min(longest, text.length); length > 0; length--) {
    const end = text.slice(-length);
    if (stops.some((stop) => stop.startsWith(end))) return length;
  }
  return 0;
}
