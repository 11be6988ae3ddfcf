/** Configuration of an embedded model: the path of its file, or a name of the catalogue. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import type { ResolveTools, Surroundings, UpstreamConfig } from '../../core/upstream-kind.ts';
import { upstreamName } from '../../core/config-texts.ts';
import type { JsonObject } from '../../lib/json.ts';
import type { Problem } from '../../lib/problems.ts';
import { suggestion } from '../../lib/suggest.ts';
import { overrides } from '../overrides.ts';

export interface LlamaCppConfig extends UpstreamConfig {
  readonly kind: 'llama-cpp';
  readonly locality: 'local';
  /** A name of the model catalogue, or the absolute path of a GGUF. */
  readonly model: string;
  readonly threads?: number;
  readonly gpuLayers?: number;
  /** Limit of chat answers whose caller sets none, in tokens. */
  readonly maxOutputTokens?: number;
  readonly maxQueue?: number;
  readonly maxWaitMs?: number;
}

const optional = z.exactOptional;

export const llamaCppSchema = z.strictObject({
  name: upstreamName,
  kind: z.literal('llama-cpp'),
  locality: z.literal('local').default('local'),
  model: z.string().min(1),
  threads: optional(z.int().min(1).max(1024)),
  gpuLayers: optional(z.int().min(0)),
  maxOutputTokens: optional(z.int().min(1).max(1_000_000)),
  maxQueue: optional(z.int().min(0).max(10_000)),
  maxWaitMs: optional(z.int().min(1).max(3_600_000)),
  ...overrides,
});

export type RawLlamaCpp = z.output<typeof llamaCppSchema>;

export const llamaCppConfig = (name: string, model: string): LlamaCppConfig => ({
  kind: 'llama-cpp',
  name,
  locality: 'local',
  model,
});

/** True if the model is a file; else it is a name of the catalogue. */
export const isModelFile = (model: string): boolean => model.endsWith('.gguf');

export const resolveLlamaCpp = (raw: RawLlamaCpp, { baseDir }: ResolveTools): LlamaCppConfig => ({
  ...raw,
  model: isModelFile(raw.model) ? resolve(baseDir, raw.model) : raw.model,
});

/** Checks that the file exists, or that the name can be fetched. */
export function modelProblems({ model }: JsonObject, around: Surroundings): readonly Problem[] {
  if (typeof model !== 'string') return [];
  const { baseDir, models: names } = around;
  if (!isModelFile(model)) {
    if (names === undefined || names.includes(model)) return [];
    const message = `no such model can be fetched, and this is no path of a .gguf file; ${suggestion(model, names)} (\`models show NAME\` lists how to get it)`;
    return [around.problem('model', message)];
  }
  const file = resolve(baseDir, model);
  if (existsSync(file)) return [];
  const message = `there is no file ${file}; relative paths count from the folder of this file`;
  return [around.problem('model', message)];
}
