/** A chat request that asks once more for the JSON that it did not get. */
import type { Call } from '../core/call.ts';
import { spliceJson } from '../lib/json-splice.ts';
import type { Json } from '../lib/json.ts';
import { demandsOf } from './demands.ts';

const PLEA =
  'Answer with the JSON object and nothing else: no explanation, and no code fence around it.';

/** Undefined for other operations than chat: only there does a message follow the others. */
export function askedForJson(call: Call): Call | undefined {
  const { messages } = call.body;
  if (call.operation !== 'chat' || !Array.isArray(messages)) return undefined;
  const { json, schema } = demandsOf(call.operation, call.body);
  if (json === 'no') return undefined;
  const fits = schema === undefined ? '' : ` It fits this JSON schema: ${JSON.stringify(schema)}`;
  const asked: Json = [...messages, { role: 'user', content: `${PLEA}${fits}` }];
  return {
    ...call,
    body: { ...call.body, messages: asked },
    payload: spliceJson(call.payload, { messages: JSON.stringify(asked) }),
  };
}
