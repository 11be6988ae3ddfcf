/** Every member of every schema, with every kind of personal data in it, whole and streamed, under two policies. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { startWatchedCloud } from '../support/residency-cloud.ts';
import {
  EVERYTHING,
  FOUND_STAYS,
  matrixCases,
  matrixRoutes,
  tryMatrix,
} from '../support/residency-matrix.ts';

const POLICIES = {
  'what was found stays, what nobody read goes': FOUND_STAYS,
  'privacy-first': readFileSync('policies/privacy-first.yaml', 'utf8'),
};

describe.each(Object.entries(POLICIES))('%s', (name, policy) => {
  test('0 leaks', async () => {
    const cloud = await startWatchedCloud(policy);
    for (const route of matrixRoutes()) {
      const { tried, leaks, left } = await tryMatrix(matrixCases(route, EVERYTHING), cloud);
      // A figure of the table in `test/security/README.md`.
      // oxlint-disable-next-line no-console
      console.log(`${name}, ${route.path}: ${tried} tried, ${left} harmless ones left`);
      expect(leaks).toEqual([]);
      // `privacy-first` carries nothing.
      if (policy === FOUND_STAYS) expect(left).toBeGreaterThan(0);
    }
    await cloud.close();
  });
});
