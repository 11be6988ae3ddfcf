import { expect, test } from 'vitest';
import { shippedCards } from '../competence/shipped.ts';
import { downloads } from '../models/downloads.ts';
import { listModels } from '../models/list.ts';
import { REFERENCE_MODELS } from '../models/reference.ts';
import { comparedCards } from './card-sheet.ts';
import { modelSheet, modelsTable } from './models-table.ts';

const entries = await listModels({
  models: downloads,
  cached: (name) => Promise.resolve(name === 'qwen3-1.7b' ? '/somewhere' : undefined),
});
const lines = modelsTable(entries).split('\n');

test('lists each model once, on a line that fits', () => {
  for (const { name, download = name } of REFERENCE_MODELS) {
    expect(
      lines.filter((line) => line.startsWith(`${download} `)),
      name,
    ).toHaveLength(1);
  }
  for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(100);
});

test('marks those whose file is here', () => {
  const here = lines.filter((line) => line.endsWith(' here'));
  expect(here).toHaveLength(1);
  expect(here[0]).toMatch(/^qwen3-1.7b +1.72 B +1.11 GB +2.4 +32k +Apache-2.0 +here$/);
});

test('groups them by how to get them', () => {
  const place = (start: string): number => lines.findIndex((line) => line.startsWith(start));
  expect(place('tinyllama-1.1b-chat ')).toBeLessThan(place('Served under'));
  expect(place('llama-3.1-8b ')).toBeLessThan(place('Completions only'));
  expect(place('pythia-160m ')).toBeGreaterThan(place('Completions only'));
  expect(place('dclm-1b ')).toBeGreaterThan(place('Cannot be served'));
});

const sheetOf = (name: string): string => modelSheet(entries.find((one) => one.name === name)!);

test('shows a model’s use, the limits of its licence, and the sources of its figures', () => {
  const sheet = sheetOf('llama-3.1-8b');
  expect(sheet).toMatch(/use +ollama pull llama3.1:8b.*no download of it was verified/);
  expect(sheet).toMatch(/licence +Llama Community; .*Built with Llama/);
  expect(sheet).toMatch(/energy +0.07019..0.4548 J a token on H100, 8 to 768 at once/);
  expect(sheet).toMatch(/source +https:/);
});

test('shows why a model cannot be served', () => {
  expect(sheetOf('dclm-1b')).toMatch(/use +cannot be served: its architecture/);
  expect(sheetOf('dclm-1b')).toMatch(/energy +no measurement is known/);
});

test('has the memory of the file that is fetched, not of another quantisation', () => {
  const tiny = entries.find(({ name }) => name === 'tinyllama-1.1b');
  expect(tiny).toMatchObject({ quantisation: 'IQ2_XXS', fileBytes: 322_591_712, memoryGb: 0.72 });
});

test('a table of some models has no empty groups', () => {
  const some = modelsTable(entries.filter(({ name }) => name.startsWith('minicpm')));
  expect(some).toContain('minicpm3-4b');
  expect(some).not.toContain('Cannot be served');
});

test('two cards are side by side, under their names; those of one set with the difference', () => {
  const [one, other] = shippedCards();
  const table = comparedCards(one!, other!);
  expect(table.split('\n')[0]).toMatch(new RegExp(`^ +${one!.model} +${other!.model}$`));
  expect(table).not.toContain('points');
  expect(table).toContain('different sets');
  expect(comparedCards(one!, one!)).toMatch(/^all +\S+ +\S+ +\+0 points$/m);
});
