/** A thousand cases for each target of `npm run fuzz`, with another seed each time: a failure says which. */
import { expect, test } from 'vitest';
import { targets } from '../fuzz/targets.ts';

const RUNS = 1000;

test.each(targets.map((target) => [target.name, target] as const))(
  '%s keeps every rule',
  async (name, target) => {
    const seed = Date.now() & 0x7fffffff;
    // Said before, for a run that does not come back.
    // oxlint-disable-next-line no-console
    console.log(`${name}: seed ${seed}`);
    await expect(target.run({ numRuns: RUNS, seed })).resolves.toBeUndefined();
  },
);
