/** The check `cut`: the answer stopped before its end. */
import type { Check } from './check.ts';

const FENCE = /^\s*```/gm;
/** Of the last line, which alone is searched for a bracket without an end. */
const TAIL_UNITS = 400;
/** A sentence that ends here was not cut, whatever its brackets. */
const ENDS = /[.!?…。！？:;"'”»*_]$/u;
/** Not an open bracket. */
const SMILEY = /[:;=]['-]?[([{]/g;

/** Stopped by its length though the caller set no limit, or in the middle of a block of code or of a bracket. */
export const cut: Check = {
  name: 'cut',
  find: ({ text, finishReason }, { maxTokens }) => {
    if (maxTokens > 0 && finishReason === 'length') return undefined;
    if (finishReason === 'length') return 'it was cut by the model’s own limit';
    const fences = text.match(FENCE)?.length ?? 0;
    if (fences % 2 === 1) return 'a block of code has no end';
    return endsInBracket(text) ? 'a bracket has no end' : undefined;
  },
};

function endsInBracket(text: string): boolean {
  const said = text.slice(-TAIL_UNITS).trimEnd();
  if (ENDS.test(said)) return false;
  const line = said.slice(said.lastIndexOf('\n') + 1).replaceAll(SMILEY, '');
  let open = 0;
  for (const sign of line) {
    if ('([{'.includes(sign)) open += 1;
    else if (')]}'.includes(sign)) open = Math.max(0, open - 1);
  }
  return open > 0;
}
