import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sayNewState } from './command-config.ts';

test('a command that is about to make a file of state says where, one that finds a file says nothing', () => {
  const said: string[] = [];
  const say = (line: string): void => void said.push(line);
  const nowhere = join(import.meta.dirname, 'nowhere', 'state.db');
  sayNewState({ kind: 'sqlite', path: nowhere }, say);
  sayNewState({ kind: 'sqlite', path: import.meta.filename }, say);
  sayNewState({ kind: 'memory' }, say);
  expect(said).toEqual([expect.stringContaining(`There was no state at ${nowhere} yet`)]);
});
