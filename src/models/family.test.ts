import { expect, test } from 'vitest';
import { findDownload } from './downloads.ts';
import { familyMembers } from './family.ts';
import { REFERENCE_MODELS } from './reference.ts';

const members = (name: string): readonly string[] => familyMembers(name).map((model) => model.name);

test('every family is found by its name, however it is written', () => {
  for (const { family, name } of REFERENCE_MODELS) {
    expect(members(family), family).toContain(name);
    expect(members(family.toLowerCase().replaceAll(' ', '-')), family).toContain(name);
  }
});

test.each([
  ['StableLM', ['stablelm']],
  ['pythia', ['pythia']],
  ['qwen', ['qwen2', 'qwen2.5', 'qwen3']],
])('the first word of names stands for all of them: %s', (name, starts) => {
  const found = members(name);
  for (const start of starts)
    expect(
      found.some((one) => one.startsWith(start)),
      start,
    ).toBe(true);
  expect(found.every((one) => one.startsWith(name.toLowerCase()))).toBe(true);
});

test.each(['', ' ', 'lla', 'openelmo', '3'])('"%s" is no family', (name) => {
  expect(members(name)).toEqual([]);
});

test('a family cannot be fetched, and its members are named', () => {
  expect(() => findDownload('gemma')).toThrow(/"gemma" is a family of models: gemma-/);
  expect(() => findDownload('qwen')).toThrow(/Fetched by name: .*qwen3-4b-instruct/);
});
