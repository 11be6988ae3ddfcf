/**
 * Calls of tools in earlier turns that another model wrote, or that a client sends back without what came with them: some models
 * demand beside each call what only they write, and others refuse it.
 */
import { isObject, type Json, type JsonObject } from '../../lib/json.ts';
import { inLongMembers, knownAs } from './long-members.ts';
import { messagesOf, type Members, type Rewrite } from './rewrites.ts';

const THOUGHTS = 'reasoning_content';
/** DeepSeek's API takes any text; for Moonshot's, an empty one is missing. */
const NO_THOUGHT = ' ';

/**
 * "thinking is enabled but reasoning_content is missing in assistant tool call message", "The reasoning_content in the thinking mode
 * must be passed back to the API".
 * @param demands whether this model refuses a call without its thoughts
 */
export const callsThoughtOf = (demands: (model: string) => boolean): Rewrite =>
  knownAs('thoughts of calls', (body, model) => (demands(model) ? withThoughts(body) : undefined));

const withThoughts = (body: JsonObject): Members | undefined =>
  mended(body, (message, calls) =>
    calls.length === 0 || (typeof message[THOUGHTS] === 'string' && message[THOUGHTS] !== '')
      ? message
      : { ...message, [THOUGHTS]: NO_THOUGHT },
  );

/** Any model's. */
inLongMembers('thoughts of calls', withThoughts);

/** Gemini's from the third on. */
const SIGNING = /gemini-(?:[3-9]|[1-9]\d|(?:pro|flash|flash-lite)-latest)/i;
const SIGNATURE = 'extra_content';
/** What Google's documentation of thought signatures names for calls that Gemini did not write. */
const UNSIGNED = { google: { thought_signature: 'skip_thought_signature_validator' } };

/** "Function call is missing a thought_signature": of several calls in a turn, Gemini signs the first. */
export const callsSigned: Rewrite = knownAs('signed calls', (body, model) =>
  SIGNING.test(model) ? withSignatures(body) : undefined,
);

const withSignatures = (body: JsonObject): Members | undefined =>
  mended(body, (message, calls) => {
    const [first, ...others] = calls;
    if (!isObject(first) || calls.some(isSigned)) return message;
    return { ...message, tool_calls: [{ ...first, [SIGNATURE]: UNSIGNED }, ...others] };
  });

inLongMembers('signed calls', withSignatures);

/** "Unknown parameter: 'messages[1].tool_calls[0].extra_content'." */
export const signaturesDropped = inLongMembers('signatures', (body) =>
  mended(body, (message, calls) =>
    calls.some(isSigned) ? { ...message, tool_calls: calls.map(withoutSignature) } : message,
  ),
);

const isSigned = (call: Json): boolean => isObject(call) && isObject(call[SIGNATURE]);

function withoutSignature(call: Json): Json {
  if (!isObject(call)) return call;
  const { [SIGNATURE]: _, ...rest } = call;
  return rest;
}

type Mend = (message: JsonObject, calls: readonly Json[]) => JsonObject;

/** Mends each turn of an assistant that has a list of calls; undefined where nothing is changed. */
function mended(body: JsonObject, mend: Mend): Members | undefined {
  const messages = messagesOf(body);
  let isChanged = false;
  const after = messages?.map((message) => {
    const { role, tool_calls: calls } = message;
    if (role !== 'assistant' || !Array.isArray(calls)) return message;
    const now = mend(message, calls);
    if (now !== message) isChanged = true;
    return now;
  });
  return isChanged ? { messages: after } : undefined;
}
