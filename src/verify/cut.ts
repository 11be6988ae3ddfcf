import type { Check } from './check.ts';

const FENCE = /^\s*```/gm;

/** Stopped by its length though the caller set no limit, or in the middle of a block of code. */
export const cut: Check = {
  name: 'cut',
  find: ({ text, finishReason }, { maxTokens }) => {
    if (maxTokens > 0 && finishReason === 'length') return undefined;
    if (finishReason === 'length') return 'it was cut by the model’s own limit';
    const fences = text.match(FENCE)?.length ?? 0;
    return fences % 2 === 1 ? 'a block of code has no end' : undefined;
  },
};
