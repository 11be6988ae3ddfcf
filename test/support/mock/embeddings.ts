/** Deterministic embeddings: the same text gives the same unit vector. */
import { createHash } from 'node:crypto';
import type { Json, JsonObject } from '../../../src/lib/json.ts';
import { isList } from './json.ts';
import { countTokens } from './tokens.ts';

const DEFAULT_DIMENSIONS = 8;

export function embeddingsAnswer(body: JsonObject, model: string): JsonObject {
  const inputs = inputsOf(body['input']);
  const dimensions =
    typeof body['dimensions'] === 'number' ? body['dimensions'] : DEFAULT_DIMENSIONS;
  const tokens = inputs.reduce((sum, input) => sum + countTokens(input), 0);
  return {
    object: 'list',
    data: inputs.map((input, index) => ({
      object: 'embedding',
      index,
      embedding: encoded(vectorOf(input, dimensions), body['encoding_format']),
    })),
    model,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}

/** A string, a list of strings, a list of tokens, or a list of lists of tokens. */
function inputsOf(input: Json | undefined): readonly string[] {
  if (!isList(input)) return [textOfInput(input)];
  if (input.every((item) => typeof item === 'number')) return [input.join(' ')];
  return input.map(textOfInput);
}

const textOfInput = (input: Json | undefined): string =>
  typeof input === 'string' ? input : JSON.stringify(input ?? null);

/** A unit vector from a hash of the text, in single precision. */
export function vectorOf(text: string, dimensions: number): Float32Array {
  const raw = Array.from({ length: dimensions }, (_, index) => {
    const digest = createHash('sha256').update(`${index}:${text}`).digest();
    return digest.readUInt32LE(0) / 2 ** 32 - 0.5;
  });
  const length = Math.hypot(...raw) || 1;
  return Float32Array.from(raw, (value) => value / length);
}

function encoded(vector: Float32Array, format: Json | undefined): Json {
  return format === 'base64' ? Buffer.from(vector.buffer).toString('base64') : Array.from(vector);
}
