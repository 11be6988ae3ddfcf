/** Families of models: what a name means that names no single model. */
import type { ReferenceModel } from './reference-model.ts';
import { REFERENCE_MODELS } from './reference.ts';

/** Those whose family, or the first words of whose name, is this: `openelm`, `Qwen 2.5`, `llama`. */
export function familyMembers(
  name: string,
  models: readonly ReferenceModel[] = REFERENCE_MODELS,
): readonly ReferenceModel[] {
  const wanted = name.trim().toLowerCase();
  if (wanted === '') return [];
  return models.filter(
    (model) => plain(model.family) === plain(wanted) || beginsWith(model.name, wanted),
  );
}

/** `llama` begins `llama-3.2-1b` and not `llamafile`. */
const beginsWith = (name: string, start: string): boolean =>
  name.startsWith(start) && !/^[a-z]/.test(name.slice(start.length)) && /^[a-z]/.test(start);

const plain = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
