/** Answers that are made rather than written: JSON and tool calls with one thing wrong each, and what the golden set accepts. */
import { goldenSet } from '../../src/competence/golden-set.ts';
import type { JsonObject } from '../../src/lib/json.ts';

/** What was asked for, and an answer in chat's shape. */
export interface MadeAnswer {
  readonly task: string;
  readonly body: JsonObject;
  readonly answer: JsonObject;
}

interface Form {
  readonly name: string;
  readonly task: string;
  readonly properties: JsonObject;
  readonly fits: JsonObject;
}

const text = { type: 'string' };
const whole = { type: 'integer' };
const FORMS: readonly Form[] = [
  ['trip', 'Plan a trip to Ronda.', { city: text, days: whole }, { city: 'Ronda', days: 3 }],
  [
    'viaje',
    'Planea un viaje a Cuenca.',
    { ciudad: text, días: whole },
    { ciudad: 'Cuenca', días: 2 },
  ],
  ['order', 'Take my order.', { item: text, count: whole }, { item: 'two lamps', count: 2 }],
  [
    'pedido',
    'Toma nota de mi pedido.',
    { artículo: text, unidades: whole },
    { artículo: 'sillas', unidades: 4 },
  ],
  [
    'contact',
    'Who is calling?',
    { name: text, phone: text },
    { name: 'Ana Gil', phone: '600 100 200' },
  ],
  [
    'contacto',
    '¿Quién llama?',
    { nombre: text, correo: text },
    { nombre: 'Luis', correo: 'luis@ejemplo.es' },
  ],
  [
    'weather',
    'Is it cold in Oslo?',
    { place: text, celsius: whole },
    { place: 'Oslo', celsius: -4 },
  ],
  ['tiempo', '¿Hace frío en Soria?', { lugar: text, grados: whole }, { lugar: 'Soria', grados: 1 }],
  [
    'rating',
    'Rate this film.',
    { stars: whole, reason: text },
    { stars: 4, reason: 'It is {mostly} fun.' },
  ],
  [
    'nota',
    'Pon nota a este libro.',
    { puntos: whole, motivo: text },
    { puntos: 7, motivo: 'Dice: "vale".' },
  ],
].map(([name, task, properties, fits]) => ({ name, task, properties, fits }) as Form);

const schemaOf = ({ properties }: Form): JsonObject => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});

const says = (content: string): JsonObject => ({
  choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
});

const wantsJson = (form: Form): JsonObject => ({
  response_format: {
    type: 'json_schema',
    json_schema: { name: form.name, schema: schemaOf(form) },
  },
});

const changed = ({ fits }: Form, change: (members: [string, unknown][]) => unknown[]): string =>
  JSON.stringify(Object.fromEntries(change(Object.entries(fits)) as [string, unknown][]));

/** Each does one thing to JSON that fits. */
const DAMAGES: readonly ((form: Form) => string)[] = [
  (form) => JSON.stringify(form.fits).slice(0, -3),
  (form) => changed(form, (members) => members.slice(1)),
  (form) => changed(form, ([first, ...rest]) => [[first?.[0] ?? '', { no: 'value' }], ...rest]),
  (form) => changed(form, (members) => [...members, ['more', true]]),
  ({ fits }) =>
    Object.entries(fits)
      .map(([name, value]) => `${name}: ${JSON.stringify(value)}`)
      .join('\n'),
];

export const badJson: readonly MadeAnswer[] = FORMS.flatMap((form) =>
  DAMAGES.map((damage) => ({ task: form.task, body: wantsJson(form), answer: says(damage(form)) })),
);

/** An answer that calls one tool. */
export const calls = (name: string, args: string): JsonObject => ({
  choices: [
    {
      index: 0,
      message: {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'c', type: 'function', function: { name, arguments: args } }],
      },
      finish_reason: 'tool_calls',
    },
  ],
});

const offers = (form: Form, more: JsonObject = {}): JsonObject => ({
  tools: [{ type: 'function', function: { name: form.name, parameters: schemaOf(form) } }],
  ...more,
});

export const badTools: readonly MadeAnswer[] = FORMS.flatMap((form) => [
  ...DAMAGES.slice(0, 3).map((damage) => ({
    task: form.task,
    body: offers(form),
    answer: calls(form.name, damage(form)),
  })),
  {
    task: form.task,
    body: offers(form),
    answer: calls(`${form.name}s`, JSON.stringify(form.fits)),
  },
  {
    task: form.task,
    body: offers(form, { tool_choice: 'required' }),
    answer: says(JSON.stringify(form.fits)),
  },
]);

/** What fits, as JSON and as a call; and to each item of the golden set what it accepts, where that is a text. */
export const goodMade: readonly MadeAnswer[] = [
  ...FORMS.flatMap((form) => [
    { task: form.task, body: wantsJson(form), answer: says(JSON.stringify(form.fits, null, 2)) },
    { task: form.task, body: offers(form), answer: calls(form.name, JSON.stringify(form.fits)) },
  ]),
  ...goldenSet().flatMap(({ messages, accept: { anyOf, number, json } }) => {
    const accepted =
      anyOf?.[0] ?? number ?? (json === undefined ? undefined : JSON.stringify(json));
    if (accepted === undefined) return [];
    // what was said before the task is a conversation, which these checks do not read
    const task = messages.at(-1)?.content ?? '';
    return [{ task, body: {}, answer: says(String(accepted)) }];
  }),
];
