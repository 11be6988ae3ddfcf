/**
 * Parameters of a request whose model the gateway chose: its caller could not know what this model refuses.
 * Whoever names a model is passed on, and gets the model's own refusal. Sources: OpenAI's model pages and API
 * reference, and the refusals that the API sends, as of 2026.
 */
import { LIMIT_MEMBERS } from '../../core/output-limit.ts';
import { isObject, type Json, type JsonObject } from '../../lib/json.ts';
import { estimateTokens } from '../../lib/token-estimate.ts';
import { inLongMembers } from './long-members.ts';
import { onlyFor, renamed, strip, type Members, type Rewrite } from './rewrites.ts';

/** OpenAI's models that think before they answer; those named chat do not. */
const THINKING = /(^|\/)(o[1-9]|gpt-[5-9]|codex)(?!.*-chat)/;
const PLAIN = /(^|\/)(gpt-[34]|chatgpt|gpt-[5-9].*-chat)/;
const O_SERIES = /(^|\/)o[1-9]/;
/** Since o3. */
const WITHOUT_STOP = /(^|\/)(o[3-9]|gpt-[5-9]|codex)(?!.*-chat)/;
const FIRST_GPT_5 = /(^|\/)gpt-5(-(mini|nano|pro|20\d\d.*))?$/;
const LATER_GPT_5 = /(^|\/)gpt-5\.\d/;

const withoutSampling = strip(
  'temperature',
  'top_p',
  'presence_penalty',
  'frequency_penalty',
  'logit_bias',
  'logprobs',
  'top_logprobs',
);

/** Takes values out of the `include` of `/responses`. */
const notIncluded =
  (name: string): Rewrite =>
  ({ include }) =>
    Array.isArray(include) && include.includes(name)
      ? { include: include.filter((one: Json) => one !== name) }
      : undefined;

/** A level of effort that the model refuses becomes the nearest one that it takes; chat and `/responses`. */
const effortAs =
  (nearest: Readonly<Record<string, string>>): Rewrite =>
  ({ reasoning_effort: effort, reasoning }) => {
    const level = typeof effort === 'string' ? nearest[effort] : undefined;
    if (level !== undefined) return { reasoning_effort: level };
    const inner = isObject(reasoning) ? reasoning['effort'] : undefined;
    const other = typeof inner === 'string' ? nearest[inner] : undefined;
    if (other === undefined || !isObject(reasoning)) return undefined;
    return { reasoning: { ...reasoning, effort: other } };
  };

const withoutVerbosity: Rewrite = ({ text }) => {
  if (!isObject(text) || text['verbosity'] === undefined) return undefined;
  const { verbosity: _, ...rest } = text;
  return { text: rest };
};

/** "Reasoning input items can only be provided to a reasoning or computer use model." */
const withoutReasoningItems = inLongMembers('reasoning items', ({ input }) => {
  if (!Array.isArray(input)) return undefined;
  const kept = input.filter((item: Json) => !(isObject(item) && item['type'] === 'reasoning'));
  return kept.length === input.length ? undefined : { input: kept };
});

/** The most output tokens a model may be asked for, where many clients ask for more. */
const LONGEST_OUTPUT: readonly (readonly [RegExp, number])[] = [
  [/(^|\/)gpt-3\.5/, 4096],
  [/(^|\/)gpt-4-(turbo|\d{4}-preview)/, 4096],
  [/(^|\/)gpt-4o/, 16_384],
  [/(^|\/)gpt-4\.1/, 32_768],
  [/(^|\/)(o1|o3|o4)(-mini|-pro)?(-20\d\d.*)?$/, 100_000],
  [/(^|\/)gpt-5(-(mini|nano))?(-20\d\d.*)?$/, 128_000],
];

function atMost(body: JsonObject, tokens: number): Members | undefined {
  const larger = LIMIT_MEMBERS.filter((name) => Number(body[name] ?? 0) > tokens);
  if (larger.length === 0) return undefined;
  return Object.fromEntries(larger.map((name) => [name, tokens]));
}

const outputAsPublished: Rewrite = (body, model) => {
  const longest = LONGEST_OUTPUT.find(([models]) => models.test(model));
  return longest === undefined ? undefined : atMost(body, longest[1]);
};

/** What OpenAI's models refuse, whoever serves them. */
export const forOpenaiModels: readonly Rewrite[] = [
  onlyFor(THINKING, withoutSampling),
  onlyFor(THINKING, notIncluded('message.output_text.logprobs')),
  onlyFor(WITHOUT_STOP, strip('stop')),
  onlyFor(THINKING, renamed('max_tokens', 'max_completion_tokens')),
  onlyFor(O_SERIES, strip('parallel_tool_calls')),
  onlyFor(O_SERIES, effortAs({ none: 'low', minimal: 'low', xhigh: 'high', max: 'high' })),
  onlyFor(FIRST_GPT_5, effortAs({ none: 'minimal', xhigh: 'high', max: 'high' })),
  onlyFor(LATER_GPT_5, effortAs({ minimal: 'low' })),
  onlyFor(PLAIN, strip('reasoning_effort', 'verbosity', 'reasoning')),
  onlyFor(PLAIN, withoutVerbosity),
  onlyFor(PLAIN, notIncluded('reasoning.encrypted_content')),
  onlyFor(PLAIN, withoutReasoningItems),
  outputAsPublished,
];

/** Kept for what a chat template adds around the messages: markers, a default system text, the date. */
const TEMPLATE_TOKENS = 128;
/** Vocabularies of a quarter of the estimator's size write up to this much more. */
const OTHER_TOKENIZER = 1.25;

/** Pictures and files are counted by the server, by rules of its own: their data is no text. */
const withoutData = (_name: string, value: unknown): unknown =>
  typeof value === 'string' && value.startsWith('data:') ? '' : value;

/**
 * Lowers a limit of output tokens to what the prompt leaves of the window, for servers that refuse prompt and
 * limit together beyond it: a limit is not a need. A prompt that leaves no room is sent as it is.
 * @param window tokens
 * @param promptBytes the size of the request: no prompt has more tokens than bytes.
 */
export const outputWithinWindow =
  (window: number, promptBytes: number): Rewrite =>
  (body) => {
    const asked = Math.max(...LIMIT_MEMBERS.map((name) => Number(body[name] ?? 0)));
    if (!(asked + promptBytes + TEMPLATE_TOKENS > window)) return undefined;
    const { messages, prompt, tools, functions } = body;
    const text = JSON.stringify({ messages, prompt, tools, functions }, withoutData);
    const room = window - Math.ceil(estimateTokens(text) * OTHER_TOKENIZER) - TEMPLATE_TOKENS;
    return room < 1 ? undefined : atMost(body, room);
  };
