/**
 * Members × kinds × routes × whole or streamed, generated from the schemas. Here each member once, with the kinds in turn, and a
 * policy that lets everything unread go: what stays is what was found. `test/slow/residency-matrix.test.ts` tries all.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startWatchedCloud, type WatchedCloud } from '../support/residency-cloud.ts';
import {
  FOUND_STAYS,
  IN_TURN,
  matrixCases,
  matrixRoutes,
  tryMatrix,
  untried,
} from '../support/residency-matrix.ts';

let cloud: WatchedCloud;
beforeAll(async () => {
  cloud = await startWatchedCloud(FOUND_STAYS);
});
afterAll(() => cloud.close());

const routes = matrixRoutes().map((route) => [route.path, route] as const);

test.each(routes)('%s: the matrix has every member that the schema has', (_, route) => {
  expect(untried(route)).toEqual([]);
});

test.each(routes)('%s: no member lets out what is personal in it', async (_, route) => {
  const { leaks, left } = await tryMatrix(matrixCases(route, IN_TURN), cloud);
  expect(leaks).toEqual([]);
  expect(left).toBeGreaterThan(0);
});
