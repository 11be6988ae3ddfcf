/** The known small models, found by the names that servers give them. */
import type { ReferenceModel } from './reference-model.ts';
import { BASE_MODELS } from './reference/base.ts';
import { GEMMA_MODELS } from './reference/gemma.ts';
import { LLAMA_MODELS } from './reference/llama.ts';
import { OTHER_MODELS } from './reference/other.ts';
import { QWEN_MODELS } from './reference/qwen.ts';

export const REFERENCE_MODELS: readonly ReferenceModel[] = [
  ...QWEN_MODELS,
  ...LLAMA_MODELS,
  ...GEMMA_MODELS,
  ...OTHER_MODELS,
  ...BASE_MODELS,
];

/** Words in a name that distinguish builds of one model, not models. */
const BUILD_WORDS = new Set(
  (
    'instruct it chat sft base hf gguf latest meta text ' +
    'bf16 f16 fp16 fp8 int4 int8 awq gptq mlx 4bit 8bit qat'
  ).split(' '),
);
const QUANTISATION = /(?:^|[-_.:@])(?:ud-)?(?:iq|q)\d(?:_[0-9a-z]+)*(?=$|[-_.:@])/g;
const VERSION = /(?<=[-_])v\d+(?:\.\d+)*(?=$|[-_:.])/g;
/** Year and month, such as 2407: part of the name of a build. */
const DATE = /^2[3-9](?:0[1-9]|1[0-2])$/;

/**
 * The model behind a name such as `qwen3:4b`, `meta-llama/Llama-3.1-8B-Instruct`,
 * `Qwen2-0_5B-Instruct-Q4_K_M.gguf` or `hf.co/someone/Phi-3.5-mini-instruct-GGUF:Q4_K_M`. Undefined for
 * a name of another model (`qwen3-coder:4b`), or an ambiguous one (`llama3.1`).
 */
export type FindReferenceModel = (name: string) => ReferenceModel | undefined;

export function referenceModels(
  models: readonly ReferenceModel[] = REFERENCE_MODELS,
): FindReferenceModel {
  const exact = new Map<string, ReferenceModel>();
  const byWords = new Map<string, ReferenceModel>();
  for (const model of models) {
    const { name, repository, ollamaTag, download, aliases = [] } = model;
    for (const own of [name, download]) if (own !== undefined) exact.set(own, model);
    for (const called of [
      name,
      repository,
      ...(ollamaTag === undefined ? [] : [ollamaTag]),
      ...aliases,
    ]) {
      const words = wordsOf(called);
      const key = words.join(' ');
      if (!byWords.has(key)) byWords.set(key, model);
    }
  }
  return (name) => {
    const words = wordsOf(name);
    const undated = words.filter((word) => !DATE.test(word));
    return exact.get(name) ?? byWords.get(words.join(' ')) ?? byWords.get(undated.join(' '));
  };
}

/** `Qwen2-0_5B-Instruct` → qwen, 2, 0.5b. */
function wordsOf(name: string): readonly string[] {
  const plain = name
    .toLowerCase()
    .replace(/\.gguf$/, '')
    .replace(/^.*\//, '')
    .replaceAll(QUANTISATION, '')
    .replaceAll(VERSION, '')
    .replaceAll(/(\d)_(\d)/g, '$1.$2');
  const words =
    plain.match(/\d+(?:\.\d+)?(?:[bm](?![a-z]))?|[a-z]+\d*bit|[bf]+p?\d+|[a-z]+/g) ?? [];
  return words.filter((word) => !BUILD_WORDS.has(word));
}
