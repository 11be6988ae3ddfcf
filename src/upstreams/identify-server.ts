/**
 * Identifies the model server at a URL from its responses (never its port), and reads its models
 * and their effective context window.
 */
import { isObject, type Json, type JsonObject } from '../lib/json.ts';
import type { Capability } from '../core/signal.ts';
import type { DialectName } from '../core/dialect-names.ts';

/**
 * Requests JSON from the server: a path from its root (not from `/v1`), with a body to POST. Undefined unless it answers JSON
 * with a success status.
 */
export type GetJson = (path: string, body?: JsonObject) => Promise<unknown>;

export interface ServerIdentity {
  readonly dialect: DialectName;
  /** Every model's name. */
  readonly models: readonly string[];
  /** The requested model; else one that can chat, loaded ones first. */
  readonly model?: string;
  /** The window of `model`, in tokens; undefined: the server does not report it. */
  readonly contextTokens?: number;
  /** What `model` can do beyond its server's defaults (true), or cannot (false). */
  readonly capabilityOverrides?: Readonly<Partial<Record<Capability, boolean>>>;
  /** Digest of the weights of `model`, as `sha256:…`. */
  readonly modelDigest?: string;
}

type Identify = (
  getJson: GetJson,
  wanted: string | undefined,
) => Promise<ServerIdentity | undefined>;

/** Names of models that return vectors or ranks, not text. */
const NO_CHAT = /embed|rerank|bge-|\bgte-|\be5-|minilm|colbert|whisper|tts/i;
const canChat = (name: string): boolean => !NO_CHAT.test(name);

const listAt = (body: unknown, member: string): readonly JsonObject[] => {
  const list = isObject(body) ? body[member] : undefined;
  return Array.isArray(list) ? list.filter((item: Json) => isObject(item)) : [];
};

const textAt = (body: JsonObject | undefined, member: string): string | undefined => {
  const value = body?.[member];
  return typeof value === 'string' && value !== '' ? value : undefined;
};

const tokensAt = (body: JsonObject | undefined, member: string): number | undefined => {
  const value = body?.[member];
  return typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : undefined;
};

const namesOf = (list: readonly JsonObject[], member: string): string[] =>
  list.flatMap((item) => textAt(item, member) ?? []);

interface About {
  readonly model?: string | undefined;
  readonly contextTokens?: number | undefined;
  readonly abilities?: ServerIdentity['capabilityOverrides'] | undefined;
  readonly modelDigest?: string | undefined;
}

function identity(dialect: DialectName, models: readonly string[], about: About): ServerIdentity {
  const { model, contextTokens, abilities, modelDigest } = about;
  return {
    dialect,
    models,
    ...(model === undefined ? {} : { model }),
    ...(contextTokens === undefined ? {} : { contextTokens }),
    ...(abilities === undefined ? {} : { capabilityOverrides: abilities }),
    ...(modelDigest === undefined ? {} : { modelDigest }),
  };
}

const ollama: Identify = async (getJson, wanted) => {
  const [version, tags, running] = await Promise.all([
    getJson('/api/version'),
    getJson('/api/tags'),
    getJson('/api/ps'),
  ]);
  if (!isObject(version) || textAt(version, 'version') === undefined) return undefined;
  if (!isObject(tags) || !Array.isArray(tags['models'])) return undefined;
  const models = namesOf(listAt(tags, 'models'), 'name');
  const loaded = listAt(running, 'models');
  const model = wanted ?? [...namesOf(loaded, 'name'), ...models].find(canChat);
  if (model === undefined) return identity('ollama', models, {});
  const shown = await getJson('/api/show', { model });
  const isIt = (item: JsonObject): boolean => isSameOllamaModel(textAt(item, 'name'), model);
  const entry = loaded.find(isIt);
  const digest = textAt(listAt(tags, 'models').find(isIt), 'digest');
  return identity('ollama', models, {
    model,
    modelDigest: digest && `sha256:${digest.replace(/^sha256:/, '')}`,
    contextTokens: tokensAt(entry, 'context_length') ?? numCtx(shown),
    abilities: ollamaAbilities(shown),
  });
};

/** `qwen3` is `qwen3:latest`. */
const isSameOllamaModel = (name: string | undefined, model: string): boolean =>
  name === model || name === `${model}:latest`;

/** A window that the model's own file sets: `num_ctx                        8192`. */
function numCtx(shown: unknown): number | undefined {
  const parameters = isObject(shown) ? textAt(shown, 'parameters') : undefined;
  const found = /^num_ctx\s+(\d+)/m.exec(parameters ?? '')?.[1];
  return found === undefined ? undefined : Number(found);
}

function ollamaAbilities(shown: unknown): ServerIdentity['capabilityOverrides'] {
  const list = isObject(shown) ? shown['capabilities'] : undefined;
  if (!Array.isArray(list)) return {};
  return { tools: list.includes('tools'), vision: list.includes('vision') };
}

const llamaCpp: Identify = async (getJson, wanted) => {
  const [props, listed] = await Promise.all([getJson('/props'), getJson('/v1/models')]);
  const settings = isObject(props) ? props['default_generation_settings'] : undefined;
  if (!isObject(props) || !isObject(settings)) return undefined;
  const models = namesOf(listAt(listed, 'data'), 'id');
  const model = wanted ?? models.find(canChat);
  const modalities = isObject(props['modalities']) ? props['modalities'] : {};
  const parameters = isObject(settings['params']) ? settings['params'] : {};
  return identity('llama-cpp-server', models, {
    model,
    // The window of one slot, which one request gets.
    contextTokens: tokensAt(settings, 'n_ctx'),
    abilities: {
      vision: modalities['vision'] === true,
      // The release that listed this parameter first answers `logprobs` in OpenAI's shape.
      logprobs: 'post_sampling_probs' in parameters,
      ...((await makesEmbeddings(getJson, model)) ? { embeddings: true } : {}),
      ...((await dropsTools(getJson)) ? { tools: false, tool_choice: false } : {}),
    },
  });
};

/** No list says it: a server that was started without `--embeddings` refuses the request. False also for a busy server. */
async function makesEmbeddings(getJson: GetJson, model: string | undefined): Promise<boolean> {
  const answer = await getJson('/v1/embeddings', {
    input: 'a',
    ...(model === undefined ? {} : { model }),
  });
  return listAt(answer, 'data').some((item) => Array.isArray(item['embedding']));
}

const PROBE_TOOL = 'probe_tool';

/**
 * Whether the model's chat template leaves tools out of the prompt: the server accepts them then and answers as if there
 * were none. False also for a server that does not show its prompts.
 */
async function dropsTools(getJson: GetJson): Promise<boolean> {
  const parameters = { type: 'object', properties: {} };
  const shown = await getJson('/apply-template', {
    messages: [{ role: 'user', content: 'a' }],
    tools: [{ type: 'function', function: { name: PROBE_TOOL, parameters } }],
  });
  const prompt = isObject(shown) ? textAt(shown, 'prompt') : undefined;
  return prompt !== undefined && !prompt.includes(PROBE_TOOL);
}

interface StudioModel {
  readonly name: string;
  readonly canChat: boolean;
  readonly hasVision: boolean;
  readonly isLoaded: boolean;
  /** As loaded; else the maximum. */
  readonly contextTokens: number | undefined;
}

const lmStudio: Identify = async (getJson, wanted) => {
  const [native, older] = await Promise.all([getJson('/api/v1/models'), getJson('/api/v0/models')]);
  const listed = listAt(native, 'models').flatMap((item) => studioModel(item) ?? []);
  const models = listed.length > 0 ? listed : olderStudioModels(older);
  if (models.length === 0) return undefined;
  const chatty = models.filter((model) => model.canChat);
  const chosen = chatty.find(({ isLoaded }) => isLoaded) ?? chatty[0];
  const entry = wanted === undefined ? chosen : models.find(({ name }) => name === wanted);
  return identity(
    'lm-studio',
    models.map(({ name }) => name),
    {
      model: wanted ?? chosen?.name,
      contextTokens: entry?.contextTokens,
      abilities: entry === undefined ? {} : { vision: entry.hasVision },
    },
  );
};

/** Since LM Studio 0.4. */
function studioModel(item: JsonObject): StudioModel | undefined {
  const name = textAt(item, 'key');
  if (name === undefined || !Array.isArray(item['loaded_instances'])) return undefined;
  const [instance] = listAt(item, 'loaded_instances');
  const config = isObject(instance?.['config']) ? instance['config'] : undefined;
  const capabilities = isObject(item['capabilities']) ? item['capabilities'] : {};
  return {
    name,
    canChat: item['type'] === 'llm' && canChat(name),
    hasVision: capabilities['vision'] === true,
    isLoaded: instance !== undefined,
    contextTokens: tokensAt(config, 'context_length') ?? tokensAt(item, 'max_context_length'),
  };
}

function olderStudioModels(body: unknown): StudioModel[] {
  return listAt(body, 'data').flatMap((item) => {
    const { type, state } = item;
    const name = textAt(item, 'id');
    if (name === undefined || typeof type !== 'string' || typeof state !== 'string') return [];
    return {
      name,
      canChat: type !== 'embeddings' && canChat(name),
      hasVision: type === 'vlm',
      isLoaded: state === 'loaded',
      contextTokens:
        tokensAt(item, 'loaded_context_length') ?? tokensAt(item, 'max_context_length'),
    };
  });
}

/** vLLM and SGLang are named in their model list, which has the window too. */
const signed =
  (dialect: DialectName, owner: string): Identify =>
  async (getJson, wanted) => {
    const list = listAt(await getJson('/v1/models'), 'data');
    if (!list.some((item) => item['owned_by'] === owner)) return undefined;
    const models = namesOf(list, 'id');
    const model = wanted ?? models.find(canChat);
    const entry = list.find(({ id }) => id === model) ?? list[0];
    return identity(dialect, models, { model, contextTokens: tokensAt(entry, 'max_model_len') });
  };

const tgi: Identify = async (getJson, wanted) => {
  const info = await getJson('/info');
  if (!isObject(info) || tokensAt(info, 'max_total_tokens') === undefined) return undefined;
  const id = textAt(info, 'model_id');
  return identity('tgi', id === undefined ? [] : [id], {
    model: wanted ?? id,
    contextTokens: tokensAt(info, 'max_total_tokens'),
  });
};

/** In order of precedence when several match. */
const IDENTIFIERS: Readonly<Partial<Record<DialectName, Identify>>> = {
  ollama,
  'llama-cpp-server': llamaCpp,
  'lm-studio': lmStudio,
  vllm: signed('vllm', 'vllm'),
  sglang: signed('sglang', 'sglang'),
  tgi,
};

export interface LookOptions {
  /** The model to look up; without it, one that can chat is chosen. */
  readonly model?: string;
  /** The dialect if known: then only its own questions are asked. */
  readonly dialect?: DialectName;
}

/** Undefined if it is no known server. Never throws if `getJson` does not. */
export async function identifyServer(
  getJson: GetJson,
  options: LookOptions = {},
): Promise<ServerIdentity | undefined> {
  const { dialect, model } = options;
  if (dialect !== undefined) return await IDENTIFIERS[dialect]?.(getJson, model);
  const asked = remembered(getJson);
  const found = await Promise.all(Object.values(IDENTIFIERS).map((each) => each(asked, model)));
  return found.find((each) => each !== undefined);
}

/** Caches answers: several identifications request the same list. */
function remembered(getJson: GetJson): GetJson {
  const answers = new Map<string, Promise<unknown>>();
  return (path, body) => {
    const key = `${path} ${body === undefined ? '' : JSON.stringify(body)}`;
    const known = answers.get(key) ?? getJson(path, body);
    answers.set(key, known);
    return known;
  };
}
