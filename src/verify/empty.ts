import type { Check } from './check.ts';

/** Neither text nor a tool call: only white space, or only reasoning. */
export const empty: Check = {
  name: 'empty',
  find: ({ text, calls }) =>
    text.trim() === '' && calls.length === 0 ? 'it says nothing' : undefined,
};
