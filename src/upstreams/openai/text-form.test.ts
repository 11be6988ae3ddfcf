import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../lib/json.ts';
import { flowOf, readAll } from '../../lib/flow.ts';
import { completeness } from '../../wire/stream-end.ts';
import { openStream } from './stream.ts';
import { TextForm } from './text-form.ts';

interface Read {
  readonly bytes: string;
  readonly data: JsonObject | undefined;
}

/** Everything that comes of the chunks, a break last. */
async function read(chunks: readonly Buffer[], textForm?: TextForm, replaced = {}) {
  const context = { upstream: 'u', locality: 'local', isCallersModel: false, headers: {} } as const;
  const given: Read[] = [];
  const texts: string[] = [];
  const idle = (): void => {};
  try {
    const events = await openStream(
      { body: flowOf([...chunks]), answered: idle, drain: idle, destroy: idle },
      {
        context,
        completeness: completeness('chat', 'req_1'),
        wantsUsage: false,
        maxEventBytes: 1 << 20,
        replaced: () => replaced,
        onUsage: idle,
        ...(textForm === undefined ? {} : { textForm }),
      },
    );
    await readAll(events, ({ bytes, data, text, latin1 }) => {
      const own = Buffer.from(bytes).toString('latin1');
      if (latin1 !== undefined) expect(latin1).toBe(own);
      if (text !== undefined) texts.push(text);
      given.push({ bytes: own, data });
    });
  } catch (error) {
    given.push({ bytes: String(error), data: undefined });
  }
  return { given, texts };
}

const chunk = (delta: object, more: object = { usage: null }): string =>
  `data: ${JSON.stringify({ id: 'c', model: 'm', choices: [{ index: 0, delta, finish_reason: null }], ...more })}\n\n`;
const say = (content: string): string => chunk({ content });
const ROLE = chunk({ role: 'assistant', content: '' });
const END = `data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n`;
const buffers = (texts: readonly string[]): Buffer[] => texts.map((text) => Buffer.from(text));

test('of events like the one before only the text is read', async () => {
  const sent = [say('a'), say('b'), say('ü\n"'), say('d'), END];
  const { texts } = await read(buffers([ROLE, ...sent]), new TextForm());
  expect(texts).toEqual(['b', 'ü\n"', 'd']);
});

test.each([
  ['an end', chunk({ content: 'x' }).replace('"finish_reason":null', '"finish_reason":"length"')],
  ['usage', chunk({ content: 'x' }, { usage: { prompt_tokens: 1, completion_tokens: 2 } })],
  ['a call', chunk({ content: 'x', tool_calls: [{ index: 0, id: 'a', function: { name: 'f' } }] })],
  ['another choice', say('x').replace('"index":0', '"index":1')],
  ['nothing', say('')],
  ['an error', 'data: {"error":{"message":"no"}}\n\n'],
  ['no JSON behind the text', say('x').replace('"}', '" "}')],
  ['a control character', say('x').replace('x', 'x\ty')],
  ['an escape that there is not', say('x').replace('x', String.raw`\q`)],
  ['a quote that is not escaped', say('x').replace('x', 'x"y')],
])('an event that brings %s is read as any other', async (_, event) => {
  const sent = buffers([say('a'), say('b'), event, say('c'), END]);
  const [all, alike] = [await read(sent), await read(sent, new TextForm())];
  expect(alike.given).toEqual(all.given);
  expect(alike.texts).not.toContain('x');
});

test('a member that is not the content of the answer is no text of it', async () => {
  const said = { content: 'a' };
  const odd = [
    chunk(said, { content: 'a' }),
    `data: {"content":"a","choices":[{"index":0,"delta":{"c\\u006fntent":"a"}}]}\n\n`,
    `data: {"content":"a","choices":[{"index":0,"delta":{"content" :"a"}}]}\n\n`,
    `data: {"x\\"content":"a","choices":[{"index":0,"delta":{"content":"a"}}]}\n\n`,
  ];
  for (const event of odd) {
    const { texts } = await read(buffers([event, event, END]), new TextForm());
    expect(texts).toEqual([]);
  }
});

test("OpenAI's padding may differ, too", async () => {
  const padded = (content: string, obfuscation: unknown) =>
    chunk({ content }, { usage: null, obfuscation });
  const sent = [padded('a', 'xyz'), padded('b', ''), padded('c', 'q'), padded('d', '\n'), END];
  const replaced = { id: '"req"' };
  const chunks = buffers([ROLE, ...sent]);
  const { given, texts } = await read(chunks, new TextForm(), replaced);
  expect(texts).toEqual(['b', 'c']);
  expect(given).toEqual((await read(chunks, undefined, replaced)).given);
});

test('where each event has a form of its own, none is learned for ever', async () => {
  const sent = Array.from({ length: 9 }, (_, at) => chunk({ content: 'a' }, { padding: `${at}` }));
  const { given, texts } = await read(buffers([...sent, sent[8]!, sent[8]!, END]), new TextForm());
  expect(given).toHaveLength(13);
  expect(texts).toEqual([]);
});

const delta = fc.oneof(
  fc.record({ content: fc.string({ unit: 'binary' }) }),
  fc.record({ content: fc.string() }),
  fc.record({ role: fc.constantFrom('', 'assistant'), content: fc.string() }),
  fc.record({ reasoning_content: fc.string() }),
);
const more = fc.oneof(
  fc.constantFrom({ usage: null }, {}, { usage: { prompt_tokens: 1 } }),
  fc.record({ usage: fc.constant(null), obfuscation: fc.string({ maxLength: 5 }) }),
);
const sentEvent = fc.oneof(
  { weight: 5, arbitrary: fc.string().map(say) },
  { weight: 2, arbitrary: fc.tuple(delta, more).map(([said, members]) => chunk(said, members)) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.string(), fc.string({ maxLength: 5 }))
      .map(([content, obfuscation]) => chunk({ content }, { usage: null, obfuscation })),
  },
  { weight: 1, arbitrary: fc.constantFrom(': ping\n\n', 'data: {"x"\n\n', 'data: {}\r\n\r\n') },
);

test('whatever comes, and in whatever pieces, all of it is given as if each event was read', async () => {
  const cuts = fc.array(fc.nat({ max: 60 }), { maxLength: 40 });
  const stamp = fc.constantFrom({}, { id: '"req"', created: '1' });
  await fc.assert(
    fc.asyncProperty(
      fc.array(sentEvent, { maxLength: 12 }),
      cuts,
      stamp,
      async (events, sizes, replaced) => {
        let rest = Buffer.from([...events, END].join(''));
        const chunks = sizes.flatMap((size) => {
          const piece = rest.subarray(0, 4 * size);
          rest = rest.subarray(piece.length);
          return piece.length === 0 ? [] : [piece];
        });
        const all = rest.length === 0 ? chunks : [...chunks, rest];
        expect((await read(all, new TextForm(), replaced)).given).toEqual(
          (await read(all, undefined, replaced)).given,
        );
      },
    ),
  );
});
