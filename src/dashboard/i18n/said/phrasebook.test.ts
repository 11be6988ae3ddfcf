import { expect, test } from 'vitest';
import { es } from './es/index.ts';
import { phrasebook } from './phrasebook.ts';

const translate = phrasebook(es, (part) => part.replace('.', ','));

test.each([
  ['up', 'en marcha'],
  ['complexity 0.31 is below 0.40', 'la complejidad 0,31 está por debajo de 0,40'],
  [
    'down: connection refused since 2026-11-30T12:04:00.000Z',
    'caído: conexión rechazada desde el 2026-11-30T12:04:00,000Z',
  ],
  ['with 6 or more user turns (it had 1)', 'con 6 o más turnos del usuario (tenía 1)'],
  [
    "the small model's answer would not do in 11 of 100 such requests (4 to 22); the deep judge was asked: what is said -27, form +4",
    'la respuesta del modelo pequeño no bastaría en 11 de 100 peticiones así (de 4 a 22); se preguntó al juez profundo: lo que dice -27, forma +4',
  ],
  [
    "the small model's answer would not do in 40 of 100 such requests (21 to 63): form +4; before what was learned here: 12",
    'la respuesta del modelo pequeño no bastaría en 40 de 100 peticiones así (de 21 a 63): forma +4; antes de lo aprendido aquí: 12',
  ],
  [
    'This request must stay local and the local model cannot take it (local: it has no tools; cloud: not configured).',
    'Esta petición debe quedarse aquí y el modelo local no puede con ella (local: no admite herramientas; cloud: no está configurado).',
  ],
  ['unknown key `mod`; did you mean `mode`?', 'clave desconocida `mod`; ¿quería decir `mode`?'],
])('%s', (english, spanish) => {
  expect(translate(english)).toBe(spanish);
});

test.each(['', 'up and away', 'A sentence of another server.', 'local: a word of its own'])(
  'what is not known is left alone: %j',
  (sentence) => {
    expect(translate(sentence)).toBeUndefined();
  },
);
