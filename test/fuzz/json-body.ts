/** Bodies of every route that takes JSON. */
import fc from 'fast-check';
import { isObject, type Json } from '../../src/lib/json.ts';
import { startFuzzedGateway } from './fuzzed-gateway.ts';
import type { FuzzTarget } from './target.ts';
import { jsonTexts, messagesSchemas, odd, openaiSchemas, valuesOf } from './values.ts';

const chat = valuesOf(openaiSchemas, 'CreateChatCompletionRequest');
const completion = valuesOf(openaiSchemas, 'CreateCompletionRequest');
const embedding = valuesOf(openaiSchemas, 'CreateEmbeddingRequest');
const message = valuesOf(messagesSchemas, 'MessageCreateParamsBase');
const text = fc.oneof(fc.string({ maxLength: 20 }), odd);

/** What each takes, roughly. */
const ROUTES: Readonly<Record<string, fc.Arbitrary<Json>>> = {
  '/v1/chat/completions': chat,
  '/v1/completions': completion,
  '/v1/embeddings': embedding,
  '/v1/responses': valuesOf(openaiSchemas, 'CreateResponse'),
  '/v1/messages': message,
  '/v1/messages/count_tokens': message,
  '/v1/engines/gpt-4o/chat/completions': chat,
  '/v1/engines/gpt-4o/completions': completion,
  '/v1/engines/gpt-4o/embeddings': embedding,
  '/v1/route': chat,
  '/v1/feedback': fc.record({ request_id: text, score: text, comment: text }) as fc.Arbitrary<Json>,
  '/v1/images/generations': valuesOf(openaiSchemas, 'CreateImageRequest'),
  '/v1/moderations': valuesOf(openaiSchemas, 'CreateModerationRequest'),
  '/v1/files': odd,
  '/v1/vector_stores/vs_1/search': odd,
  '/admin/policies/check': fc.record({ text, yaml: text, cases: text }) as fc.Arbitrary<Json>,
  '/admin/policies/simulate': fc.record({ text, yaml: text, since: text }) as fc.Arbitrary<Json>,
  '/admin/policies/rollback': odd,
  '/admin/policies': fc.record({ text, yaml: text, base: text }) as fc.Arbitrary<Json>,
  '/admin/policies/1/activate': odd,
  '/admin/keys': fc.record({ name: text, labels: text, budget: text, expires: text }) as fc.Arbitrary<Json>,
  '/admin/keys/a/rotate': odd,
  '/admin/budgets': fc.record({ name: text, usd: text, per: text, key: text }) as fc.Arbitrary<Json>,
  '/admin/session': fc.record({ key: text }) as fc.Arbitrary<Json>,
  '/admin/ledger/prune': fc.record({ before: text, olderThan: text }) as fc.Arbitrary<Json>,
  '/admin/upstreams/local/check': odd,
}; // prettier-ignore

const MODELS = [
  'auto',
  'small',
  'large',
  'gpt-4o',
  'cloud/gpt-4o',
  'local/slm',
  'text-embedding-3-small',
];

/** A model that is there, most times: else every case ends at 404. */
const knownModel = (value: Json, model: string | undefined): Json =>
  model === undefined || !isObject(value) ? value : { ...value, model };

const anyCase = fc.constantFrom(...Object.entries(ROUTES)).chain(([path, values]) =>
  fc.record({
    path: fc.constant(path),
    body: jsonTexts(
      fc
        .tuple(values, fc.option(fc.constantFrom(...MODELS), { nil: undefined, freq: 9 }))
        .map(([value, model]) => (path.startsWith('/v1/') ? knownModel(value, model) : value)),
    ),
  }),
);

export const jsonBody: FuzzTarget = {
  name: 'json-body',
  run: async (running) => {
    const gateway = await startFuzzedGateway();
    await fc.assert(
      fc.asyncProperty(anyCase, async (sending) => void (await gateway.ask(sending))),
      running,
    );
    await gateway.close();
  },
};
