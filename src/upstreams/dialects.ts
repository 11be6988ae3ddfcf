/**
 * What servers that speak "OpenAI-compatible" really do, one row each. A row is a default: the
 * configuration may overrule its capabilities, and a probe its window. Sources: the servers' sources and
 * documentation as of August 2026.
 */
import type { Locality } from '../core/decision.ts';
import type { DialectName } from '../core/dialect-names.ts';
import { capabilities as EVERYTHING, type Capability } from '../core/signal.ts';
import {
  aliased,
  developerAsSystem,
  emptyToolsDropped,
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
  systemMerged,
  textPartsJoined,
  type Rewrite,
} from './dialects/rewrites.ts';

export interface Dialect {
  readonly capabilities: ReadonlySet<Capability>;
  /** Applied in order to chat and text completions. */
  readonly rewrites: readonly Rewrite[];
  /** Whether `stream_options.include_usage` may be asked for. */
  readonly reportsStreamUsage: boolean;
  /** Answers lack members that OpenAI's always have; they are added. */
  readonly isNormalised: boolean;
  /** Answer ids repeat or are empty; ours take their place. */
  readonly hasUniqueIds: boolean;
  /** Cuts a prompt that is too long and says nothing; answers are watched for it. */
  readonly truncatesSilently: boolean;
  /** Names of models that this server passes on to machines elsewhere: not local, wherever it runs. */
  readonly remoteModelPattern?: RegExp;
  /** The window of a server that tells nothing. */
  readonly assumedContextTokens?: number;
}

const TEXT: readonly Capability[] = ['chat', 'text_completion'];
const SCHEMA: readonly Capability[] = ['json_object', 'json_schema'];

/** Members that mean something to an account at OpenAI and nothing to a server of one's own. */
const ACCOUNT_MEMBERS = [
  'store',
  'metadata',
  'service_tier',
  'safety_identifier',
  'prompt_cache_key',
  'prompt_cache_options',
  'prompt_cache_retention',
  'prediction',
  'verbosity',
  'moderation',
  'user',
] as const;

/** Members that local servers understand and OpenAI refuses a request for. */
const LOCAL_MEMBERS = [
  'add_generation_prompt',
  'best_of_sequences',
  'cache_prompt',
  'chat_template',
  'chat_template_kwargs',
  'draft_model',
  'format',
  'grammar',
  'guided_choice',
  'guided_decoding_backend',
  'guided_grammar',
  'guided_json',
  'guided_regex',
  'id_slot',
  'ignore_eos',
  'include_reasoning',
  'keep_alive',
  'length_penalty',
  'min_p',
  'min_tokens',
  'mirostat',
  'mirostat_eta',
  'mirostat_tau',
  'n_predict',
  'n_probs',
  'num_ctx',
  'num_predict',
  'options',
  'reasoning_format',
  'repeat_last_n',
  'repeat_penalty',
  'repetition_penalty',
  'samplers',
  'skip_special_tokens',
  'stop_token_ids',
  'tfs_z',
  'think',
  'top_a',
  'top_k',
  'ttl',
  'typical_p',
  'use_beam_search',
] as const;

/** OpenAI's models that think before they answer refuse `max_tokens`. */
const REASONING_MODELS = /^(o[1-9]|gpt-5|gpt-6|codex)/;

const withoutAccount = strip(...ACCOUNT_MEMBERS);
const LOCAL_CHAT: readonly Rewrite[] = [
  withoutAccount,
  developerAsSystem,
  systemMerged,
  textPartsJoined,
];

interface Row extends Omit<Partial<Dialect>, 'capabilities'> {
  readonly capabilities: readonly Capability[];
  readonly rewrites: readonly Rewrite[];
}

/** What most local servers have in common; a row says only what is different. */
const local = ({ capabilities, ...row }: Row): Dialect => ({
  reportsStreamUsage: true,
  isNormalised: true,
  hasUniqueIds: true,
  truncatesSilently: false,
  ...row,
  capabilities: new Set(capabilities),
});

const cloud = (row: Row): Dialect => local({ isNormalised: false, ...row });

export const dialects: Readonly<Record<DialectName, Dialect>> = {
  /** api.openai.com itself. */
  openai: cloud({
    capabilities: EVERYTHING,
    rewrites: [
      strip(...LOCAL_MEMBERS),
      onlyFor(REASONING_MODELS, renamed('max_tokens', 'max_completion_tokens')),
    ],
  }),
  /** Any other base URL in the cloud: whoever chose it knows what it takes. */
  'openai-compatible': cloud({ capabilities: EVERYTHING, rewrites: [] }),
  ollama: local({
    capabilities: [...TEXT, ...SCHEMA, 'embeddings', 'tools'],
    rewrites: [
      ...LOCAL_CHAT,
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
    rewrites: LOCAL_CHAT,
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
    rewrites: [...LOCAL_CHAT, emptyToolsDropped],
  }),
  sglang: local({
    capabilities: [...TEXT, ...SCHEMA, 'tools', 'tool_choice', 'logprobs', 'n', 'token_input'],
    rewrites: [...LOCAL_CHAT, emptyToolsDropped],
  }),
  'lm-studio': local({
    capabilities: [...TEXT, ...SCHEMA, 'embeddings', 'tools', 'tool_choice'],
    rewrites: [
      ...LOCAL_CHAT,
      renamed('max_completion_tokens', 'max_tokens'),
      jsonObjectAsSchema,
      namedToolAsRequired,
    ],
  }),
  tgi: local({
    capabilities: ['chat', 'json_object', 'json_schema', 'tools', 'tool_choice', 'logprobs'],
    rewrites: [
      ...LOCAL_CHAT,
      stopAsList,
      schemaAsValue,
      jsonObjectAsValue,
      strip('logit_bias'),
      emptyToolsDropped,
    ],
    hasUniqueIds: false,
  }),
  /** A server of one's own that no probe could name: only what cannot harm. */
  generic: local({
    capabilities: [...TEXT, ...SCHEMA, 'embeddings', 'tools', 'tool_choice', 'logprobs', 'n'],
    rewrites: [
      withoutAccount,
      developerAsSystem,
      aliased('max_completion_tokens', 'max_tokens'),
      emptyToolsDropped,
    ],
  }),
};

/** The row of a server that nobody has named: by its address in the cloud, `generic` at home. */
export function dialectFor(locality: Locality, url: URL): DialectName {
  if (locality === 'local') return 'generic';
  return url.hostname === 'api.openai.com' ? 'openai' : 'openai-compatible';
}
