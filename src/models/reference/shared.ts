/** Values shared by many rows. */
import type { ReferenceModel, Licence, Servers } from '../reference-model.ts';

export const APACHE: Licence = { name: 'Apache-2.0', commercial: 'yes' };
export const MIT: Licence = { name: 'MIT', commercial: 'yes' };
export const QWEN_RESEARCH: Licence = {
  name: 'Qwen Research',
  commercial: 'no',
  limits: 'research and evaluation only',
};
export const LLAMA: Licence = {
  name: 'Llama Community',
  commercial: 'conditions',
  limits: "Meta's acceptable use policy, `Built with Llama` on products, none above 700 M users",
};
export const GEMMA: Licence = {
  name: 'Gemma Terms',
  commercial: 'conditions',
  limits: "Google's prohibited uses, also for models derived from it",
};
export const STABILITY: Licence = {
  name: 'Stability AI',
  commercial: 'no',
  limits: 'non-commercial research, unless Stability AI gives a licence',
};
export const NON_COMMERCIAL: Licence = {
  name: 'CC-BY-NC-4.0',
  commercial: 'no',
  limits: 'attribution, nothing commercial',
};
export const APPLE: Licence = {
  name: 'Apple research',
  commercial: 'no',
  limits: "research; read Apple's text before anything else",
};

export const EVERYWHERE: Servers = { llamaCpp: true, ollama: 'library', vllm: true };
export const BY_IMPORT: Servers = { llamaCpp: true, ollama: 'import', vllm: true };
export const LLAMA_CPP_ONLY: Servers = { llamaCpp: true, ollama: 'import', vllm: false };
export const NOWHERE: Servers = { llamaCpp: false, ollama: 'no', vllm: false };

export const OPEN_LM =
  'its architecture (open_lm) is in neither llama.cpp nor Ollama nor vLLM, as published';

/** Merges the shared members of a family into each row; a row may override them. */
export function family<S extends Partial<ReferenceModel>>(
  shared: S,
  rows: readonly (Omit<ReferenceModel, keyof S> & Partial<ReferenceModel>)[],
): readonly ReferenceModel[] {
  // Members that a row omits are in `shared`: the parameter's type requires it.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return rows.map((row) => ({ ...shared, ...row }) as unknown as ReferenceModel);
}
