/** Arbitrary requests, with personal data planted at any place that is sent upstream. */
import fc from 'fast-check';
import { operations, type Call, type Operation } from '../../src/core/call.ts';
import type { JsonObject } from '../../src/lib/json.ts';
import { call } from './call.ts';

const PERSONAL = [
  'ana.lopez@ejemplo.es',
  '4111 1111 1111 1111',
  'DE89 3704 0044 0532 0130 00',
  '+34 612 345 678',
  '078-05-1120',
  '12345678Z',
  'AB123456C',
  '203.0.114.7',
  'AKIAIOSFODNN7EXAMPLE',
] as const;

const SPOTS = [
  'current',
  'system',
  'earlier',
  'tool',
  'arguments',
  'result',
  'metadata',
  'query',
] as const;
type Spot = (typeof SPOTS)[number];

export interface CallDraft {
  readonly operation: Operation;
  readonly model: string;
  readonly override: string | undefined;
  readonly mayOverride: boolean;
  readonly stream: boolean;
  readonly spot: Spot;
  readonly list: boolean;
  readonly media: 'json' | 'multipart' | 'binary';
  readonly continues: boolean;
  readonly planted: string | undefined;
  readonly session: string;
}

export const anyCallDraft: fc.Arbitrary<CallDraft> = fc.record({
  operation: fc.constantFrom(...operations),
  model: fc.constantFrom('auto', 'auto', 'small', 'large', 'gpt-4o', 'local/slm', 'cloud/big'),
  override: fc.constantFrom(undefined, undefined, undefined, 'large', 'small', 'cloud/big'),
  mayOverride: fc.constantFrom(true, true, true, false),
  stream: fc.boolean(),
  spot: fc.constantFrom(...SPOTS),
  list: fc.boolean(),
  media: fc.constantFrom('json' as const, 'multipart' as const, 'binary' as const),
  continues: fc.boolean(),
  planted: fc.option(fc.constantFrom(...PERSONAL), { nil: undefined, freq: 2 }),
  session: fc.string({ maxLength: 4 }),
});

/** Plants the value at its spot, or at the nearest one that this kind of request has. */
export function callOf(drafted: CallDraft): Call {
  const { operation, model, override, stream, mayOverride, session } = drafted;
  const isRead = operation !== 'passthrough';
  const requestedModel = operation === 'embeddings' && model === 'gpt-4o' ? 'auto' : model;
  const body = isRead ? { ...BODIES[operation](drafted), model: requestedModel, stream } : {};
  const made = call({
    operation,
    method: 'POST',
    requestedModel: isRead ? requestedModel : '',
    stream: isRead && stream && operation !== 'embeddings',
    path: pathOf(drafted),
    body,
    session: `s${session}`,
    caller: { name: 'open', labels: { consent: 'distillation' }, mayOverride },
    ...(override === undefined ? {} : { override }),
  });
  return isRead ? made : { ...made, ...CARRIED[drafted.media](drafted) };
}

const PATHS: Readonly<Record<Operation, string>> = {
  chat: '/chat/completions',
  text_completion: '/completions',
  embeddings: '/embeddings',
  responses: '/responses',
  messages: '/messages',
  passthrough: '/files',
};

const pathOf = ({ operation, spot, media, planted }: CallDraft): string => {
  const isInQuery = spot === 'query' || (operation === 'passthrough' && media === 'binary');
  const query = isInQuery && planted !== undefined ? `?to=${encodeURIComponent(planted)}` : '';
  return PATHS[operation] + query;
};

/** The text of a spot: with the planted value if it is the chosen one, harmless otherwise. */
const at = ({ spot, planted }: CallDraft, ...spots: readonly Spot[]): string =>
  planted !== undefined && spots.includes(spot) ? `Write to ${planted} today.` : 'Write today.';

const tool = (drafted: CallDraft): JsonObject => ({
  type: 'function',
  function: { name: 'write', description: at(drafted, 'tool'), parameters: { type: 'object' } },
});

/** Arguments as a model writes them: JSON in a string, with a line end before the planted value. */
const argumentsOf = (drafted: CallDraft): string =>
  JSON.stringify({
    text: `Now\n${drafted.planted !== undefined && drafted.spot === 'arguments' ? drafted.planted : 'go'}`,
  });

const chatBody = (drafted: CallDraft): JsonObject => ({
  messages: [
    { role: 'system', content: at(drafted, 'system') },
    { role: 'user', content: at(drafted, 'earlier') },
    ...(drafted.spot === 'arguments' || drafted.spot === 'result' ? toolTurn(drafted) : []),
    {
      role: 'user',
      content: drafted.list
        ? [{ type: 'text', text: at(drafted, 'current') }]
        : at(drafted, 'current'),
    },
  ],
  ...(drafted.spot === 'tool' ? { tools: [tool(drafted)] } : {}),
  metadata: { note: at(drafted, 'metadata') },
});

const toolTurn = (drafted: CallDraft): readonly JsonObject[] => [
  {
    role: 'assistant',
    content: null,
    tool_calls: [
      {
        id: 'call_1',
        type: 'function',
        function: { name: 'write', arguments: argumentsOf(drafted) },
      },
    ],
  },
  { role: 'tool', tool_call_id: 'call_1', content: at(drafted, 'result') },
];

const plain = (drafted: CallDraft): string =>
  at(drafted, 'current', 'system', 'earlier', 'tool', 'arguments', 'result');

const BODIES: Readonly<
  Record<Exclude<Operation, 'passthrough'>, (drafted: CallDraft) => JsonObject>
> = {
  chat: chatBody,
  text_completion: (drafted) => ({
    prompt: drafted.list ? ['Hello', plain(drafted)] : plain(drafted),
    suffix: at(drafted, 'metadata'),
  }),
  embeddings: (drafted) => ({
    input: drafted.list ? ['Hello', plain(drafted)] : plain(drafted),
    user: at(drafted, 'metadata'),
  }),
  messages: (drafted) => ({
    max_tokens: 100,
    system: at(drafted, 'system'),
    messages: [
      { role: 'user', content: at(drafted, 'earlier') },
      {
        role: 'assistant',
        content: [
          { type: 'tool_use', id: 't', name: 'write', input: { text: at(drafted, 'arguments') } },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 't', content: at(drafted, 'result') },
          { type: 'text', text: at(drafted, 'current') },
        ],
      },
    ],
    tools: [{ name: 'write', description: at(drafted, 'tool'), input_schema: { type: 'object' } }],
    metadata: { note: at(drafted, 'metadata') },
  }),
  responses: (drafted) => ({
    instructions: at(drafted, 'system'),
    input: drafted.list
      ? [
          { role: 'user', content: at(drafted, 'earlier') },
          { type: 'function_call', call_id: 'c', name: 'write', arguments: argumentsOf(drafted) },
          { type: 'function_call_output', call_id: 'c', output: at(drafted, 'result') },
          { role: 'user', content: [{ type: 'input_text', text: at(drafted, 'current', 'tool') }] },
        ]
      : at(drafted, 'earlier', 'arguments', 'result', 'current', 'tool'),
    metadata: { note: at(drafted, 'metadata') },
    ...(drafted.continues ? { previous_response_id: 'resp_before' } : {}),
  }),
};

const inBody = (drafted: CallDraft): string =>
  drafted.spot === 'query' ? 'Hello' : at(drafted, drafted.spot);

const CARRIED: Readonly<Record<CallDraft['media'], (drafted: CallDraft) => Partial<Call>>> = {
  json: (drafted) => {
    const body = { note: [inBody(drafted)] };
    return { body, payload: Buffer.from(JSON.stringify(body)), contentType: 'application/json' };
  },
  multipart: (drafted) => ({
    payload: Buffer.from(
      [
        '--edge',
        'Content-Disposition: form-data; name="file"; filename="note.txt"',
        'Content-Type: text/plain',
        '',
        inBody(drafted),
        '--edge--',
        '',
      ].join('\r\n'),
    ),
    contentType: 'multipart/form-data; boundary=edge',
  }),
  binary: () => ({ payload: Buffer.from([0, 255, 1, 254]), contentType: 'audio/wav' }),
};
