/**
 * Which server answers at an address, told by what it says and never by its port, and what it knows
 * about its models: their names, and the window that really holds.
 */
import { isObject, type Json, type JsonObject } from '../lib/json.ts';
import type { Capability } from '../core/signal.ts';
import type { DialectName } from '../core/dialect-names.ts';

/**
 * Asks the server for JSON: a path from its root (not from `/v1`), with a body to POST. Undefined for
 * everything but a JSON answer with a success status.
 */
export type GetJson = (path: string, body?: JsonObject) => Promise<unknown>;

export interface ServerIdentity {
  readonly dialect: DialectName;
  /** Every model's name. */
  readonly models: readonly string[];
  /** The model that was asked about; else one that can chat, loaded ones first. */
  readonly model?: string;
  /** The window of `model`, in tokens; undefined = the server does not say. */
  readonly contextTokens?: number;
  /** What `model` can do beyond its server's defaults (true), or cannot (false). */
  readonly capabilityOverrides?: Readonly<Partial<Record<Capability, boolean>>>;
  /** Of the weights of `model`, as `sha256:…`. */
  readonly modelDigest?: string;
}

type Identify = (ask: GetJson, wanted: string | undefined) => Promise<ServerIdentity | undefined>;

/** Names of models that give vectors or ranks, not text. */
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

function look(dialect: DialectName, models: readonly string[], about: About): ServerIdentity {
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

const ollama: Identify = async (ask, wanted) => {
  const [version, tags, running] = await Promise.all([
    ask('/api/version'),
    ask('/api/tags'),
    ask('/api/ps'),
  ]);
  if (!isObject(version) || textAt(version, 'version') === undefined) return undefined;
  if (!isObject(tags) || !Array.isArray(tags['models'])) return undefined;
  const models = namesOf(listAt(tags, 'models'), 'name');
  const loaded = listAt(running, 'models');
  const model = wanted ?? [...namesOf(loaded, 'name'), ...models].find(canChat);
  if (model === undefined) return look('ollama', models, {});
  const shown = await ask('/api/show', { model });
  const isIt = (item: JsonObject): boolean => isSameOllamaModel(textAt(item, 'name'), model);
  const entry = loaded.find(isIt);
  const digest = textAt(listAt(tags, 'models').find(isIt), 'digest');
  return look('ollama', models, {
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

const llamaCpp: Identify = async (ask, wanted) => {
  const [props, listed] = await Promise.all([ask('/props'), ask('/v1/models')]);
  const settings = isObject(props) ? props['default_generation_settings'] : undefined;
  if (!isObject(props) || !isObject(settings)) return undefined;
  const models = namesOf(listAt(listed, 'data'), 'id');
  const modalities = isObject(props['modalities']) ? props['modalities'] : {};
  return look('llama-cpp-server', models, {
    model: wanted ?? models.find(canChat),
    // Of one slot: what one request can have.
    contextTokens: tokensAt(settings, 'n_ctx'),
    abilities: { vision: modalities['vision'] === true },
  });
};

interface StudioModel {
  readonly name: string;
  readonly canChat: boolean;
  readonly sees: boolean;
  readonly isLoaded: boolean;
  /** As loaded; else the most that it could be loaded with. */
  readonly contextTokens: number | undefined;
}

const lmStudio: Identify = async (ask, wanted) => {
  const [native, older] = await Promise.all([ask('/api/v1/models'), ask('/api/v0/models')]);
  const listed = listAt(native, 'models').flatMap((item) => studioModel(item) ?? []);
  const models = listed.length > 0 ? listed : olderStudioModels(older);
  if (models.length === 0) return undefined;
  const chatty = models.filter((model) => model.canChat);
  const chosen = chatty.find(({ isLoaded }) => isLoaded) ?? chatty[0];
  const entry = wanted === undefined ? chosen : models.find(({ name }) => name === wanted);
  return look(
    'lm-studio',
    models.map(({ name }) => name),
    {
      model: wanted ?? chosen?.name,
      contextTokens: entry?.contextTokens,
      abilities: entry === undefined ? {} : { vision: entry.sees },
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
    sees: capabilities['vision'] === true,
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
      sees: type === 'vlm',
      isLoaded: state === 'loaded',
      contextTokens:
        tokensAt(item, 'loaded_context_length') ?? tokensAt(item, 'max_context_length'),
    };
  });
}

/** vLLM and SGLang sign their model list, and say the window in it. */
const signed =
  (dialect: DialectName, owner: string): Identify =>
  async (ask, wanted) => {
    const list = listAt(await ask('/v1/models'), 'data');
    if (!list.some((item) => item['owned_by'] === owner)) return undefined;
    const models = namesOf(list, 'id');
    const model = wanted ?? models.find(canChat);
    const entry = list.find(({ id }) => id === model) ?? list[0];
    return look(dialect, models, { model, contextTokens: tokensAt(entry, 'max_model_len') });
  };

const tgi: Identify = async (ask, wanted) => {
  const info = await ask('/info');
  if (!isObject(info) || tokensAt(info, 'max_total_tokens') === undefined) return undefined;
  const id = textAt(info, 'model_id');
  return look('tgi', id === undefined ? [] : [id], {
    model: wanted ?? id,
    contextTokens: tokensAt(info, 'max_total_tokens'),
  });
};

/** In the order in which they are believed when several match. */
const LOOKS: Readonly<Partial<Record<DialectName, Identify>>> = {
  ollama,
  'llama-cpp-server': llamaCpp,
  'lm-studio': lmStudio,
  vllm: signed('vllm', 'vllm'),
  sglang: signed('sglang', 'sglang'),
  tgi,
};

export interface LookOptions {
  /** The model to ask about; without it, one that can chat is chosen. */
  readonly model?: string;
  /** Known already: only what it has to say is asked. */
  readonly dialect?: DialectName;
}

/** Undefined when no known server recognises itself. Never throws as long as `ask` does not. */
export async function identifyServer(
  ask: GetJson,
  options: LookOptions = {},
): Promise<ServerIdentity | undefined> {
  const { dialect, model } = options;
  if (dialect !== undefined) return await LOOKS[dialect]?.(ask, model);
  const asked = remembered(ask);
  const found = await Promise.all(Object.values(LOOKS).map((each) => each(asked, model)));
  return found.find((each) => each !== undefined);
}

/** Several looks ask for the same list. */
function remembered(ask: GetJson): GetJson {
  const answers = new Map<string, Promise<unknown>>();
  return (path, body) => {
    const key = `${path} ${body === undefined ? '' : JSON.stringify(body)}`;
    const known = answers.get(key) ?? ask(path, body);
    answers.set(key, known);
    return known;
  };
}
