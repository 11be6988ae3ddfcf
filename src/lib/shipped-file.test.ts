import { expect, test } from 'vitest';
import { shippedFile } from './shipped-file.ts';

test('a file that is damaged is named, with what to do; one that is not is read', () => {
  const read = (text: string): unknown =>
    shippedFile<unknown>('signals/table.json', () => JSON.parse(text));
  expect(() => read('{"version": 1')).toThrow(
    /^src\/signals\/table\.json cannot be used: .*JSON.*; install the package again$/,
  );
  expect(read('{"version": 1}')).toEqual({ version: 1 });
});

test('a file that another one needs is named, and once', () => {
  const inner = () =>
    shippedFile('kernels.wasm', () => {
      throw new Error('too short');
    });
  expect(() => shippedFile('table.bin', inner)).toThrow(
    /^src\/kernels\.wasm cannot be used: too short; install the package again$/,
  );
});
