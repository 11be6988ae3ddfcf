/** A cloud upstream that echoes the last message, as whole answers and as streams cut at any place. */
import type { Call } from '../../src/core/call.ts';
import { flowOf, readAll, type Source } from '../../src/lib/flow.ts';
import type { JsonObject } from '../../src/lib/json.ts';
import type { Answer, StreamEvent, Upstream } from '../../src/core/upstream.ts';

/** `got` has the bodies that reached it. */
export function echo(cuts: readonly number[]): Upstream & { readonly got: string[] } {
  const got: string[] = [];
  return {
    name: 'cloud',
    kind: 'echo',
    locality: 'cloud',
    got,
    facts: () => ({ locality: 'cloud', model: 'm', models: [], capabilities: new Set() }),
    send: ({ call: asked, egress }) => {
      got.push(asked.payload.toString());
      egress?.bytesSent(asked.payload.length);
      return Promise.resolve(echoed(asked, cuts));
    },
    probe: () => Promise.resolve({ ok: true, detail: '' }),
    close: () => Promise.resolve(),
  };
}

function pieces(text: string, cuts: readonly number[]): string[] {
  const at = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].toSorted((a, b) => a - b);
  return [...at, text.length].map((end, index) => text.slice(at[index - 1] ?? 0, end));
}

const lastText = ({ body }: Call): string => {
  const messages = body['messages'] ?? body['input'];
  const last = Array.isArray(messages) ? (messages.at(-1) as JsonObject) : {};
  const text = last['content'] ?? body['prompt'];
  return typeof text === 'string' ? text : '';
};

const event = (data: JsonObject): StreamEvent => ({
  bytes: Buffer.from(`data: ${JSON.stringify(data)}\n\n`),
  data,
});

function echoed(asked: Call, cuts: readonly number[]): Answer {
  const text = lastText(asked);
  if (asked.operation === 'passthrough') {
    // Cut between bytes, not between characters.
    const latin = Buffer.from(JSON.stringify(asked.body)).toString('latin1');
    const chunks = pieces(latin, cuts).map((piece) => Buffer.from(piece, 'latin1'));
    return {
      kind: 'raw',
      status: 200,
      headers: { 'content-type': 'application/json' },
      chunks: iterate(chunks),
    };
  }
  if (!asked.stream) {
    const quoted = JSON.stringify({ said: text });
    const message = { content: text, tool_calls: [{ function: { arguments: quoted } }] };
    const body = { choices: [{ message }] };
    return { kind: 'whole', headers: {}, body, bytes: Buffer.from(JSON.stringify(body)) };
  }
  return { kind: 'stream', headers: {}, events: flowOf(EVENTS[asked.operation](text, cuts)) };
}

const NONE = (): StreamEvent[] => [];
const EVENTS: Readonly<
  Record<Call['operation'], (text: string, cuts: readonly number[]) => StreamEvent[]>
> = {
  passthrough: NONE,
  embeddings: NONE,
  // Translated before it is masked.
  messages: NONE,
  chat: (text, cuts) => [
    event({ id: 'c', choices: [{ index: 0, delta: { role: 'assistant', content: '' } }] }),
    ...pieces(text, cuts).flatMap((content) => [
      event({ id: 'c', choices: [{ index: 0, delta: { content } }] }),
      event({ id: 'c', choices: [{ index: 1, delta: { content } }] }),
    ]),
    ...pieces(JSON.stringify({ said: text }), cuts).map((args) =>
      event({
        choices: [
          { index: 0, delta: { tool_calls: [{ index: 1, function: { arguments: args } }] } },
        ],
      }),
    ),
    event({ id: 'c', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }),
    { bytes: Buffer.from('data: [DONE]\n\n'), done: true },
  ],
  text_completion: (text, cuts) => [
    ...pieces(text, cuts).map((piece) => event({ choices: [{ index: 0, text: piece }] })),
    event({ choices: [{ index: 0, text: '', finish_reason: 'stop' }] }),
  ],
  responses: (text, cuts) => {
    const deltas = pieces(text, cuts).map((delta) => ({
      type: 'response.output_text.delta',
      item_id: 'm',
      content_index: 0,
      delta,
    }));
    const all = [
      { type: 'response.created' },
      ...deltas,
      { type: 'response.output_text.done', item_id: 'm', text },
      { type: 'response.completed', response: { output: [{ content: [{ text }] }] } },
    ];
    return all.map((data, sequence_number) => event({ ...data, sequence_number }));
  },
};

function iterate<T>(items: readonly T[]): AsyncIterator<T> {
  const left = [...items];
  return {
    next: () => {
      const value = left.shift();
      return Promise.resolve(value === undefined ? { done: true, value } : { done: false, value });
    },
  };
}

export async function collect<T>(events: Source<T>): Promise<T[]> {
  const all: T[] = [];
  await readAll(events, (one) => void all.push(one));
  return all;
}
