/** The order in which files begin where nothing is known of an earlier run, as on CI. */
import { basename } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** @param names - of the files that take longest, without `.test.ts`: they begin first, so that none is left alone at the end. */
export function longestFirst(names: readonly string[]): typeof BaseSequencer {
  const place = ({ moduleId }: TestSpecification): number => {
    const at = names.indexOf(basename(moduleId, '.test.ts'));
    return at === -1 ? names.length : at;
  };
  return class extends BaseSequencer {
    override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
      // Its own, and no array's.
      // oxlint-disable-next-line unicorn/no-array-sort
      const sorted = await super.sort(files);
      return sorted.toSorted((a, b) => place(a) - place(b));
    }
  };
}
