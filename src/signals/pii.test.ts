import { expect, test } from 'vitest';
import { featuresOf } from '../../test/support/features.ts';
import type { Turn } from '../core/signal.ts';
import { pii } from './pii.ts';

const signal = pii();
const read = (...turns: readonly (Turn | string)[]) => signal.evaluate(featuresOf(...turns));

test.each([
  ['My e-mail is ana@ejemplo.es', '1 email'],
  ['Mi DNI es 12345678Z y mi móvil el 612 345 678', '1 es_dni, 1 phone'],
])('"%s": %s', async (text, reason) => {
  expect(await read(text)).toMatchObject({ kind: 'score', score: 1, reason });
});

test.each(['Where is my order 48213?', '¿Dónde está mi pedido 48213?', 'My name is Ana Ruiz', ''])(
  'nothing to find (names are out of scope): "%s"',
  async (text) => {
    expect(await read(text)).toMatchObject({ kind: 'score', score: 0 });
  },
);

test('what comes again is told from what differs from it by a sign', async () => {
  const prompt = (address: string) => `You write to ${address} and sign as the shop does.`;
  const system = (address: string): Turn => ({ role: 'system', text: prompt(address) });
  for (let time = 0; time < 4; time += 1) {
    expect(await read(system('ana#ejemplo.es'), 'Hi')).toMatchObject({ score: 0 });
    expect(await read(system('ana@ejemplo.es'), 'Hi')).toMatchObject({ score: 1 });
  }
});

test.each(['system', 'user', 'assistant', 'tool'] as const)('a %s message counts', async (role) => {
  const reading = await read({ role, text: 'ana@ejemplo.es' }, 'Thanks, that is right');
  expect(reading).toMatchObject({ score: 1 });
});

test('the reason names kinds and counts, never what was found', async () => {
  const reading = await read('ana@ejemplo.es, 4111 1111 1111 1111, sk-abcdefghij1234567890abcd');
  expect(reading.reason).toBe('1 email, 1 card, 1 api_key');
});

test('a long text is read to its end in pieces, also where a find lies across two of them', async () => {
  for (const at of [24_990, 25_000, 49_995, 900_000]) {
    const filler = 'lorem ipsum '.repeat(100_000);
    const text = `${filler.slice(0, at)} ana.ruiz@ejemplo.es ${filler.slice(at)}`;
    expect(await read(text)).toMatchObject({ score: 1, reason: '1 email' });
  }
  expect(await read('lorem ipsum '.repeat(100_000))).toMatchObject({ score: 0 });
});
