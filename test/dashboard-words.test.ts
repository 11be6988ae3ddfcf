/** What the gateway says in its own words is known to the page in Spanish: sentences of the code, and of what was really answered. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { es } from '../src/dashboard/i18n/said/es/index.ts';
import { phrasebook } from '../src/dashboard/i18n/said/phrasebook.ts';
import { EASY, HARD, startTestGateway, type WholeGateway } from './support/gateway-fixture.ts';

const translate = phrasebook(es, (part) => part);

let whole: WholeGateway;
beforeAll(async () => {
  whole = await startTestGateway();
});
afterAll(() => whole.close());

const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !/\.test\.ts$|^dashboard/.test(file))
  .map((file) => readFileSync(join('src', file), 'utf8').replaceAll('\\', ''))
  .join('\n');

/** What changes, and where the code puts sentences together. */
const SEAMS =
  /\{#?\}|^This request | \((?=\{)|must |(?:more|less) than|at (?:least|most|or above)|The policy leaves|(?:local|cloud) upstream|had been|tokens\/s| W |\)|USD\/kWh/g;
const EDGES = /^[^\p{L}]+|[^\p{L}]+$/gu;

test('every sentence that the page knows is one that the gateway says', () => {
  const gone = es.filter(([english]) =>
    english
      .split(SEAMS)
      .map((piece) => piece.replaceAll(EDGES, ''))
      .some((piece) => piece.split(' ').length > 2 && !sources.includes(piece)),
  );
  expect(gone.map(([english]) => english)).toEqual([]);
});

const get = async (path: string): Promise<unknown> =>
  await (await fetch(`${whole.gateway.url}${path}`)).json();

/** Of an answer, what stands under these names, however deep. */
function textsUnder(names: ReadonlySet<string>, value: unknown, name = ''): readonly string[] {
  if (typeof value === 'string') return names.has(name) ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) =>
    textsUnder(names, each, Array.isArray(value) ? name : key),
  );
}

test('what was answered is known', async () => {
  const texts: string[] = [];
  const asked = [
    EASY,
    HARD,
    'Write to jane.doe@example.com, card 4111 1111 1111 1111.',
    'Is 400 mg of ibuprofen with warfarin dangerous for my mother?',
    '¿Cuánto es 12 * 34? def f(x): return x',
  ];
  for (const text of asked) {
    const { id } = await whole.record(await whole.chat(text));
    const why = await get(`/admin/requests/${id}/why`);
    texts.push(...textsUnder(new Set(['reason', 'change', 'unrepeatable']), why));
  }
  const upstreams = await get('/admin/upstreams');
  texts.push(...textsUnder(new Set(['words', 'energySource']), upstreams));
  texts.push(...textsUnder(new Set(['why']), await get('/admin/meters')));
  for (const name of ['local', 'cloud']) {
    const checked = await whole.post(`/admin/upstreams/${name}/check`, {});
    texts.push(...textsUnder(new Set(['words']), await checked.json()));
  }
  const text = 'name: mine\nmod: on\nobjective: { quality: much }\n';
  const checked = await whole.post('/admin/policies/check', { text });
  texts.push(...textsUnder(new Set(['message']), await checked.json()));
  expect(texts.length).toBeGreaterThan(40);
  expect(texts.filter((each) => each !== '' && translate(each) === undefined)).toEqual([]);
});
