/** Shapes of bodies and answers, of which the named members are promised. */
import { z } from 'zod';

export const text = z.string();
export const number = z.number();
/** An object of which these members are promised; it may have more. */
export const having = z.looseObject;
export const listOf = (name: string, member: z.ZodType) => having({ [name]: z.array(member) });

const target = having({ tier: text, upstream: text, model: text, locality: text });
export const policyName = having({ name: text, version: text, mode: text });

export const explanation = having({
  tier: text,
  upstream: text.nullable(),
  model: text.nullable(),
  rule: text,
  reason: text,
  complexity: number.nullable(),
  degraded: text.nullable(),
  policy: policyName,
  wanted: text,
  onlyWatches: z.boolean(),
  targets: z.array(target),
  excluded: z.array(having({ target, by: text, name: text, reason: text })),
  redact: z.array(text),
  otherwise: z.array(having({})),
  readings: z.record(text, having({ kind: z.enum(['score', 'abstain']), reason: text })),
  request: having({ operation: text }),
});

export const record = having({
  id: text,
  atMs: number,
  operation: text,
  stream: z.boolean(),
  caller: text,
  requestedModel: text,
  facts: having({ operation: text }),
  readings: having({}),
  attempts: z.array(
    having({ upstream: text, tier: text, model: text, outcome: text, latencyMs: number }),
  ),
  outcome: z.enum(['answered', 'failed', 'refused', 'aborted']),
  status: z.int(),
  latencyMs: number,
  overheadMs: having({ route: number, total: number }),
  baselineNanoUsd: number.nullable(),
});

export const shownKey = having({
  name: text,
  role: z.enum(['data', 'viewer', 'admin']),
  from: z.enum(['configuration', 'store']),
  state: z.enum(['active', 'expired', 'revoked']),
  policy: z.exactOptional(text),
});
export const keyWithSecret = shownKey.extend({ secret: text });

export const policyStatus = policyName.extend({
  file: text,
  guards: having({}).nullable(),
  problem: having({}).nullable(),
});

const message = having({ role: text });
const sampling = {
  temperature: z.exactOptional(number),
  max_tokens: z.exactOptional(z.int()),
  stream: z.exactOptional(z.boolean()),
};
/** OpenAI's and Anthropic's bodies, with the members that are read here; the rest is passed on. */
export const chat = having({
  model: text,
  messages: z.array(message),
  tools: z.exactOptional(z.array(having({}))),
  ...sampling,
});
export const completion = having({ model: text, prompt: z.unknown(), ...sampling });
export const embeddings = having({ model: text, input: z.unknown() });
export const responses = having({
  model: text,
  input: z.unknown(),
  stream: z.exactOptional(z.boolean()),
  previous_response_id: z.exactOptional(text.nullable()),
});
export const messages = having({
  model: text,
  messages: z.array(message),
  max_tokens: z.int(),
  stream: z.exactOptional(z.boolean()),
});
export const feedback = having({
  request_id: text.min(1),
  score: number.min(-1).max(1),
  comment: z.exactOptional(text.max(2000).nullable()),
});
export const anything = having({});
export const HTML = 'text/html';
