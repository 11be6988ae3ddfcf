/**
 * How "OpenAI-compatible" servers really behave, one row each. A row is a default: the configuration may override its
 * capabilities, and a probe its window. Sources: the servers' sources and documentation as of August 2026.
 */
import type { Locality } from '../core/decision.ts';
import type { DialectName } from '../core/dialect-names.ts';
import { capabilities as ALL, type Capability } from '../core/signal.ts';
import {
  aliased,
  developerAsSystem,
  jsonObjectAsSchema,
  jsonObjectAsValue,
  namedToolAsRequired,
  noToolsWhenNone,
  onlyFor,
  reasoningEffortWithin,
  renamed,
  schemaAsValue,
  stopAsList,
  strip,
  textPartsJoined,
  type Rewrite,
} from './dialects/rewrites.ts';
import { forOpenaiModels } from './dialects/chosen-model.ts';
import { formatPatternsFitted, toolPatternsFitted } from './dialects/schema-patterns.ts';
import { ACCOUNT_MEMBERS, LOCAL_MEMBERS, ROUTER_MEMBERS } from './dialects/members.ts';
import { signaturesDropped } from './dialects/foreign-calls.ts';
import {
  ANTHROPIC_CALL_IDS,
  callIdsWithin,
  MISTRAL_CALL_IDS,
  OPENAI_CALL_IDS,
  OPENAI_RESPONSES_CALL_IDS,
  REASONING_MEMBERS,
  systemInPlace,
} from './dialects/history.ts';
import {
  brokenArgumentsWrapped,
  effortByName,
  idleToolsDropped,
  messagesTidied,
  namesWithin,
  onlyMessageMembers,
  toolSchemasFilled,
} from './dialects/tidied.ts';

// From here, so that who asks for them has loaded all that there are: a thread for large bodies loads nothing else of upstreams.
export { FOR_FUNCTIONS } from './dialects/custom-tools.ts';
export { longRewrites } from './dialects/long-members.ts';
export { TOOL_NAMES } from './dialects/tool-names.ts';

export interface Dialect {
  readonly capabilities: ReadonlySet<Capability>;
  /** Applied in order to chat and text completions. */
  readonly rewrites: readonly Rewrite[];
  /** Applied in order to `/responses`, where the server has it. */
  readonly responsesRewrites: readonly Rewrite[];
  /** Applied in order after those, where the gateway chose the model. */
  readonly chosenRewrites: readonly Rewrite[];
  /** Refuses a limit of output tokens that does not fit into the window beside the prompt. */
  readonly refusesLongOutput: boolean;
  /** Models that write this member of a message, and refuse a turn with tools that comes back without it. */
  readonly reasoning?: { readonly models: RegExp; readonly member: string };
  /** Whether `stream_options.include_usage` may be asked for. */
  readonly reportsStreamUsage: boolean;
  /** True if answers lack members that OpenAI's always have; they are added. */
  readonly isNormalised: boolean;
  /** False if answer ids repeat or are empty; they are replaced. */
  readonly hasUniqueIds: boolean;
  /**
   * True if the server truncates a long prompt without an error; its answers are checked for that.
   */
  readonly truncatesSilently: boolean;
  /** Names of models that this server forwards to other machines: never local, wherever it runs. */
  readonly remoteModelPattern?: RegExp;
  /** The window of a server that reports none. */
  readonly assumedContextTokens?: number;
}

const TEXT: readonly Capability[] = ['chat', 'text_completion'];
const SCHEMA: readonly Capability[] = ['json_object', 'json_schema'];

/** The models of these makers, with or without the provider's name in front. */
const OPENAI_MODELS = /(^|\/)(gpt-[3-9]|chatgpt|o[1-9]\b|codex)/i;
const ANTHROPIC_MODELS = /claude/i;
const MISTRAL_MODELS = /(mis|minis|magis|codes|devs|mix|pix|vox)tral/i;
const GEMINI_MODELS = /gemini/i;

/** Their template: "System message must be at the beginning.", whoever runs them. */
const QWEN_MODELS = /qwen|qwq/i;
/** Their servers know no role of OpenAI's own: "unknown variant `developer`". */
const OPEN_MODELS = /qwen|qwq|deepseek|kimi|glm-|minimax|mimo|llama|gemma/i;

const NOT_GOOGLES = [OPENAI_MODELS, ANTHROPIC_MODELS, MISTRAL_MODELS, OPEN_MODELS] as const;

const mistralCallIds = onlyFor(MISTRAL_MODELS, callIdsWithin(MISTRAL_CALL_IDS));
const withoutAccount = strip(...ACCOUNT_MEMBERS);
/** What every server takes in this form, and many in no other. */
const TIDY: readonly Rewrite[] = [idleToolsDropped, messagesTidied, toolSchemasFilled];
const withoutForeign: readonly Rewrite[] = [
  strip(...LOCAL_MEMBERS, ...ROUTER_MEMBERS),
  namesWithin,
  effortByName,
];
const messageMembers = onlyMessageMembers(REASONING_MEMBERS);
const LOCAL_CHAT: readonly Rewrite[] = [
  withoutAccount,
  ...TIDY,
  brokenArgumentsWrapped,
  developerAsSystem,
  systemInPlace,
  textPartsJoined,
  mistralCallIds,
];

/** Of llama.cpp, and of what is built on it. */
const LLAMA_SCHEMAS: readonly Rewrite[] = [toolPatternsFitted, formatPatternsFitted];

/** Of OpenAI's API: Anthropic's is another. */
const EVERYTHING = ALL.filter((one) => one !== 'messages');

interface DialectRow extends Omit<Partial<Dialect>, 'capabilities'> {
  readonly capabilities: readonly Capability[];
  readonly rewrites: readonly Rewrite[];
}

/** The defaults of local servers; a row holds only its differences. */
const local = ({ capabilities, ...row }: DialectRow): Dialect => ({
  reportsStreamUsage: true,
  isNormalised: true,
  hasUniqueIds: true,
  truncatesSilently: false,
  responsesRewrites: [],
  chosenRewrites: [],
  refusesLongOutput: false,
  ...row,
  capabilities: new Set(capabilities),
});

const cloud = (row: DialectRow): Dialect =>
  local({
    isNormalised: false,
    responsesRewrites: [callIdsWithin(OPENAI_RESPONSES_CALL_IDS)],
    ...row,
  });

export const dialects: Readonly<Record<DialectName, Dialect>> = {
  /** api.openai.com itself. */
  openai: cloud({
    capabilities: EVERYTHING,
    rewrites: [...TIDY, callIdsWithin(OPENAI_CALL_IDS)],
    chosenRewrites: [...withoutForeign, messageMembers, signaturesDropped, ...forOpenaiModels],
  }),
  /** Any other base URL in the cloud: whoever chose it knows what it takes. */
  'openai-compatible': cloud({
    capabilities: EVERYTHING,
    rewrites: [
      ...TIDY,
      onlyFor(OPENAI_MODELS, callIdsWithin(OPENAI_CALL_IDS)),
      onlyFor(ANTHROPIC_MODELS, callIdsWithin(ANTHROPIC_CALL_IDS)),
      mistralCallIds,
      onlyFor(OPEN_MODELS, developerAsSystem),
      onlyFor(MISTRAL_MODELS, developerAsSystem),
      onlyFor(QWEN_MODELS, systemInPlace),
    ],
    chosenRewrites: [
      ...withoutForeign.map((rewrite) => onlyFor(OPENAI_MODELS, rewrite)),
      messageMembers,
      ...NOT_GOOGLES.map((models) => onlyFor(models, signaturesDropped)),
      ...forOpenaiModels,
      // Their APIs: "Extra inputs are not permitted", "Unknown name \"store\": Cannot find field."
      onlyFor(MISTRAL_MODELS, strip(...ACCOUNT_MEMBERS, ...LOCAL_MEMBERS)),
      onlyFor(GEMINI_MODELS, withoutAccount),
    ],
    refusesLongOutput: true,
    // DeepSeek's and Moonshot's documentation of thinking with tools, 2026.
    reasoning: { models: /deepseek|kimi|glm-|minimax|mimo/i, member: 'reasoning_content' },
  }),
  ollama: local({
    capabilities: [...TEXT, ...SCHEMA, 'embeddings', 'tools'],
    rewrites: [
      ...LOCAL_CHAT,
      ...LLAMA_SCHEMAS,
      renamed('max_completion_tokens', 'max_tokens'),
      noToolsWhenNone,
      reasoningEffortWithin({ minimal: 'low', xhigh: 'high', max: 'high' }),
    ],
    hasUniqueIds: false,
    truncatesSilently: true,
    // Ollama's hosted models: `gpt-oss:120b-cloud`, `name:cloud`.
    remoteModelPattern: /[:-]cloud$/,
    assumedContextTokens: 4096,
  }),
  'llama-cpp-server': local({
    capabilities: [...TEXT, ...SCHEMA, 'tools', 'tool_choice', 'n', 'token_input'],
    rewrites: [...LOCAL_CHAT, ...LLAMA_SCHEMAS],
  }),
  vllm: local({
    capabilities: [
      ...TEXT,
      ...SCHEMA,
      'responses',
      'tools',
      'tool_choice',
      'logprobs',
      'n',
      'token_input',
    ],
    rewrites: LOCAL_CHAT,
    refusesLongOutput: true,
  }),
  sglang: local({
    capabilities: [...TEXT, ...SCHEMA, 'tools', 'tool_choice', 'logprobs', 'n', 'token_input'],
    rewrites: LOCAL_CHAT,
    refusesLongOutput: true,
  }),
  'lm-studio': local({
    capabilities: [...TEXT, ...SCHEMA, 'embeddings', 'tools', 'tool_choice'],
    rewrites: [
      ...LOCAL_CHAT,
      ...LLAMA_SCHEMAS,
      renamed('max_completion_tokens', 'max_tokens'),
      jsonObjectAsSchema,
      namedToolAsRequired,
    ],
  }),
  tgi: local({
    capabilities: ['chat', 'json_object', 'json_schema', 'tools', 'tool_choice', 'logprobs'],
    rewrites: [...LOCAL_CHAT, stopAsList, schemaAsValue, jsonObjectAsValue, strip('logit_bias')],
    refusesLongOutput: true,
    hasUniqueIds: false,
  }),
  /** A local server that no probe identified: only rewrites that are safe everywhere. */
  generic: local({
    capabilities: [...TEXT, ...SCHEMA, 'embeddings', 'tools', 'tool_choice', 'logprobs', 'n'],
    rewrites: [
      withoutAccount,
      ...TIDY,
      brokenArgumentsWrapped,
      developerAsSystem,
      systemInPlace,
      textPartsJoined,
      aliased('max_completion_tokens', 'max_tokens'),
      mistralCallIds,
    ],
    refusesLongOutput: true,
  }),
};

/**
 * The row of a server without a configured dialect: by its URL in the cloud, `generic` if local.
 */
export function dialectFor(locality: Locality, url: URL): DialectName {
  if (locality === 'local') return 'generic';
  return url.hostname === 'api.openai.com' ? 'openai' : 'openai-compatible';
}
