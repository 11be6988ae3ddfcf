/** The data of a stream's events as they stand on the wire, without `[DONE]`, which it must end with. */
import { expect } from 'vitest';
import type { JsonObject } from '../../src/lib/json.ts';

export async function eventsOf(answer: Response): Promise<readonly JsonObject[]> {
  const lines = (await answer.text()).split('\n').filter((line) => line.startsWith('data: '));
  expect(lines.at(-1)).toBe('data: [DONE]');
  return lines.slice(0, -1).map((line) => JSON.parse(line.slice('data: '.length)) as JsonObject);
}
