/** A verifier and an auditor that a test tells what to find: whatever they say, nothing may go where it must not. */
import { setImmediate } from 'node:timers/promises';
import type { Auditor } from '../../src/core/audit.ts';
import type { Verifier } from '../../src/core/verify.ts';

/** Finds the same in every small answer. */
export const scriptedVerifier = (draft: 'passes' | 'fails'): Verifier => ({
  begin: () => {
    let pieces = 0;
    return {
      observe: () => void (pieces += 1),
      observeText: () => void (pieces += 1),
      isOver: () => false,
      pieces: () => pieces,
      needsWhole: () => false,
      find: () => (draft === 'fails' ? { check: 'refusal', reason: 'as scripted' } : undefined),
      doubt: () => ({}),
      mend: () => undefined,
    };
  },
});

/** Audits everything, and asks the judge each time. */
export const eagerAuditor: Auditor = {
  propensityOf: () => 1,
  take: () => undefined,
  settle: () => {},
  omitted: () => {},
  compare: async ({ task, small, large }, ask) => {
    await ask(`${task}\n${small}\n${large}`);
    return { compared: 'same', by: 'judge' };
  },
  done: () => {},
};

/** Lets what was begun beside a request, in memory, come to its end. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await setImmediate();
}
