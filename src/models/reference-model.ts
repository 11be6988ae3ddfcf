/** What is known of a small model, whether or not it can be fetched here. The rows are in `reference/`. */

export interface Licence {
  readonly name: string;
  /** May a business answer its customers with it? `conditions` = yes, as `limits` says. */
  readonly commercial: 'yes' | 'conditions' | 'no';
  /** What it forbids or demands. */
  readonly limits?: string;
}

/** What can serve the published weights. */
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
  /** Most sequences at once, from the least to the most measured. */
  readonly batch: readonly [least: number, most: number];
  /** Lowest to highest over those batches: the fuller the batch, the lower. */
  readonly jPerOutputToken: readonly [low: number, high: number];
}

export interface ReferenceModel {
  readonly name: string;
  readonly title: string;
  readonly family: string;
  /** Parameters, in thousand millions. */
  readonly parametersB: number;
  readonly licence: Licence;
  /** The hub hands it out only to those who accepted the licence there. */
  readonly gated?: true;
  /** The longest window it was trained for, in tokens. */
  readonly contextTokens: number;
  readonly languages: string;
  /** `base` continues text; `reasoning` thinks before it answers unless told not to, and that is output too. */
  readonly kind: 'instruct' | 'reasoning' | 'base';
  /** How a conversation is written down for it; null = none is published: completions only. */
  readonly template: string | null;
  /** The file does not say so itself: it has to be given. */
  readonly templateIsGiven?: boolean;
  /** Bytes of its Q4_K_M file: worked out from the architecture, unless it is said otherwise. */
  readonly fileBytes?: number;
  readonly fileIsMeasured?: true;
  /** By bits a weight of like models, no better. */
  readonly fileIsEstimated?: true;
  /** GB at work: that file, a 16-bit cache for up to 8,192 tokens, 0.35 GB of buffers. */
  readonly memoryGb?: number;
  /** Of that cache, a token. */
  readonly cacheBytesPerToken?: number;
  /** On Hugging Face. */
  readonly repository: string;
  readonly ollamaTag?: string;
  readonly servers: Servers;
  /** Why nothing above serves it. */
  readonly unservable?: string;
  /** Its name for `models pull`, where a download was verified. */
  readonly download?: string;
  readonly mmlu?: { readonly percent: number; readonly setting: string };
  readonly energy?: readonly MeasuredEnergy[];
  readonly strengths: string;
  /** What else it is called, beside its name, its repository and its tag. */
  readonly aliases?: readonly string[];
  readonly sources: readonly string[];
}

type Operation = 'chat' | 'text_completion';

/** A base model answers nothing, and one without a template could only be asked in a notation it never saw. */
export const operationsOf = ({ template, unservable }: ReferenceModel): readonly Operation[] => {
  if (unservable !== undefined) return [];
  return template === null ? ['text_completion'] : ['chat', 'text_completion'];
};

/** Undefined where the licence forbids nothing that a gateway does. */
export function licenceWarning({ title, licence }: ReferenceModel): string | undefined {
  const { name, commercial, limits } = licence;
  if (commercial === 'yes') return undefined;
  const verdict = commercial === 'no' ? 'is not for commercial use' : 'has conditions';
  return `${title}: its licence (${name}) ${verdict}${limits === undefined ? '' : `: ${limits}`}.`;
}

/** How to have it answer, or why it cannot, in words. */
export function howToUse(model: ReferenceModel): string {
  const { unservable, download, ollamaTag, repository, servers } = model;
  if (unservable !== undefined) return `cannot be served: ${unservable}`;
  if (download !== undefined) return `kind: llama-cpp, model: ${download} (fetched when needed)`;
  const file = `a GGUF of ${repository}: no download of it was verified here`;
  if (ollamaTag !== undefined) return `ollama pull ${ollamaTag}, model: ${ollamaTag}; or ${file}`;
  return servers.vllm ? `${file}; or vLLM with ${repository}` : file;
}

/** Joules per output token over everything that was measured; undefined where nothing was. */
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
