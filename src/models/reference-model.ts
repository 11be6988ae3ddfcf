/** Published facts about a small model, whether or not it can be fetched here. The rows are in `reference/`. */

export interface Licence {
  readonly name: string;
  /** Whether commercial use is allowed; `conditions` = with the restrictions in `limits`. */
  readonly commercial: 'yes' | 'conditions' | 'no';
  /** Restrictions and conditions. */
  readonly limits?: string;
}

/** Servers that can run the published weights. */
export interface Servers {
  /** llama.cpp, and with it this process, LM Studio and Ollama. */
  readonly llamaCpp: boolean;
  /** `library` = pulled by its tag; `import` = from a GGUF file. */
  readonly ollama: 'library' | 'import' | 'no';
  readonly vllm: boolean;
}

/** One ML.ENERGY configuration: GPUs alone, prompt included, divided by the output tokens. */
interface MeasuredEnergy {
  readonly hardware: string;
  /** The benchmark's edition. */
  readonly run: string;
  /** Concurrent sequences: the smallest and the largest batch measured. */
  readonly batch: readonly [least: number, most: number];
  /** Lowest to highest over those batches: larger batches need less. */
  readonly jPerOutputToken: readonly [low: number, high: number];
}

export interface ReferenceModel {
  readonly name: string;
  readonly title: string;
  readonly family: string;
  /** Parameters, in billions. */
  readonly parametersB: number;
  readonly licence: Licence;
  /** The hub requires that the user accepts the licence there. */
  readonly gated?: true;
  /** The longest window it was trained for, in tokens. */
  readonly contextTokens: number;
  readonly languages: string;
  /** `base` continues text; `reasoning` produces reasoning tokens, which are output, unless that is turned off. */
  readonly kind: 'instruct' | 'reasoning' | 'base';
  /** The chat template; null = none is published: completions only. */
  readonly template: string | null;
  /** The file contains no template: it must be configured. */
  readonly templateIsGiven?: boolean;
  /** Bytes of its Q4_K_M file: computed from the architecture, except as the next two members say. */
  readonly fileBytes?: number;
  readonly fileIsMeasured?: true;
  /** Only estimated, by the bits per weight of similar models. */
  readonly fileIsEstimated?: true;
  /** GB in use: that file, a 16-bit cache for up to 8,192 tokens, 0.35 GB of buffers. */
  readonly memoryGb?: number;
  /** Bytes of that cache per token. */
  readonly cacheBytesPerToken?: number;
  /** On Hugging Face. */
  readonly repository: string;
  readonly ollamaTag?: string;
  readonly servers: Servers;
  /** Why none of `servers` can run it. */
  readonly unservable?: string;
  /** Its name for `models pull`, where a download was verified. */
  readonly download?: string;
  readonly mmlu?: { readonly percent: number; readonly setting: string };
  readonly energy?: readonly MeasuredEnergy[];
  readonly strengths: string;
  /** Further names, besides `name`, `repository` and `ollamaTag`. */
  readonly aliases?: readonly string[];
  readonly sources: readonly string[];
}

type Operation = 'chat' | 'text_completion';

/** Chat needs a template that the model was trained with; without one only completions work. */
export const operationsOf = ({ template, unservable }: ReferenceModel): readonly Operation[] => {
  if (unservable !== undefined) return [];
  return template === null ? ['text_completion'] : ['chat', 'text_completion'];
};

/** Undefined where the licence has no restriction that concerns a gateway. */
export function licenceWarning({ title, licence }: ReferenceModel): string | undefined {
  const { name, commercial, limits } = licence;
  if (commercial === 'yes') return undefined;
  const verdict = commercial === 'no' ? 'is not for commercial use' : 'has conditions';
  return `${title}: its licence (${name}) ${verdict}${limits === undefined ? '' : `: ${limits}`}.`;
}

/** How to serve it, or why it cannot be served, for people. */
export function howToUse(model: ReferenceModel): string {
  const { unservable, download, ollamaTag, repository, servers } = model;
  if (unservable !== undefined) return `cannot be served: ${unservable}`;
  if (download !== undefined) return `kind: llama-cpp, model: ${download} (fetched when needed)`;
  const file = `a GGUF of ${repository}: no download of it was verified here`;
  if (ollamaTag !== undefined) return `ollama pull ${ollamaTag}, model: ${ollamaTag}; or ${file}`;
  return servers.vllm ? `${file}; or vLLM with ${repository}` : file;
}

/** Joules per output token over all measurements; undefined without any. */
export function measuredRange(
  model: ReferenceModel,
): { readonly low: number; readonly high: number; readonly source: string } | undefined {
  const { energy = [] } = model;
  if (energy.length === 0) return undefined;
  const hardware = [...new Set(energy.map((each) => each.hardware))].join(', ');
  const batches = energy.flatMap(({ batch }) => batch);
  return {
    low: Math.min(...energy.map((each) => each.jPerOutputToken[0])),
    high: Math.max(...energy.map((each) => each.jPerOutputToken[1])),
    source: `ML.ENERGY, measured on ${hardware} at ${Math.min(...batches)} to ${Math.max(...batches)} sequences at once, GPUs alone`,
  };
}
