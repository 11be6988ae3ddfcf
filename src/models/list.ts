/** The catalogue as it is shown: each known model with derived figures, and whether its file is here. */
import type { DownloadableModel } from './downloads.ts';
import {
  howToUse,
  licenceWarning,
  measuredRange,
  operationsOf,
  type ReferenceModel,
} from './reference-model.ts';
import { REFERENCE_MODELS } from './reference.ts';
import type { ModelStore } from './store.ts';

export interface ModelEntry extends ReferenceModel {
  readonly quantisation: string;
  readonly operations: ReturnType<typeof operationsOf>;
  readonly use: string;
  readonly licenceWarning: string | null;
  /** Joules per output token over all measurements; null = none is known. */
  readonly jPerOutputToken: NonNullable<ReturnType<typeof measuredRange>> | null;
  /** Whether the file is here; null for models that cannot be fetched by name. */
  readonly isHere: boolean | null;
}

/** Reads the model folder only: sends no request. */
export async function listModels(
  store: Pick<ModelStore, 'models' | 'cached'>,
): Promise<readonly ModelEntry[]> {
  return await Promise.all(REFERENCE_MODELS.map((model) => entryOf(model, store)));
}

async function entryOf(
  model: ReferenceModel,
  store: Pick<ModelStore, 'models' | 'cached'>,
): Promise<ModelEntry> {
  const file = store.models.find(({ name }) => name === model.download);
  const isHere = file === undefined ? null : (await store.cached(file.name)) !== undefined;
  return {
    ...model,
    ...(file === undefined ? {} : asFetched(model, file)),
    quantisation: file?.quantisation ?? 'Q4_K_M',
    operations: operationsOf(model),
    use: howToUse(model),
    licenceWarning: licenceWarning(model) ?? null,
    jPerOutputToken: measuredRange(model) ?? null,
    isHere,
  };
}

/** The exact size of the file replaces the computed one. */
const asFetched = (
  { cacheBytesPerToken = 0, contextTokens }: ReferenceModel,
  { sizeBytes }: DownloadableModel,
): Pick<ReferenceModel, 'fileBytes' | 'fileIsMeasured' | 'memoryGb'> => ({
  fileBytes: sizeBytes,
  fileIsMeasured: true,
  memoryGb: tenMegabytes(sizeBytes + cacheBytesPerToken * Math.min(contextTokens, 8192) + BUFFERS),
});

const BUFFERS = 0.35e9;
const tenMegabytes = (bytes: number): number => Math.round(bytes / 1e7) / 100;
