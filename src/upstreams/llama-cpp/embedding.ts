/** Embeddings by a chat model, inside the worker. */
import type { LlamaEmbeddingContext } from 'node-llama-cpp';
import { JobError, type EmbedJob, type Embedded } from './protocol.ts';

/** Longer inputs are rare, and the embedding context needs memory. */
export const MAX_EMBEDDING_TOKENS = 2048;

/**
 * @param limit tokens of one input
 * @returns vectors of length 1, in the order of the inputs
 * @throws JobError `context_overflow` for a longer one; the reason of `abort`, between two of them
 */
export async function embed(
  context: LlamaEmbeddingContext,
  { inputs }: EmbedJob,
  { limit, abort }: { readonly limit: number; readonly abort: AbortSignal },
): Promise<Embedded> {
  const vectors: Float32Array[] = [];
  let promptTokens = 0;
  for (const [index, input] of inputs.entries()) {
    abort.throwIfAborted();
    const length = context.calculateInputLength(input);
    if (length > limit)
      throw new JobError(
        'context_overflow',
        `Input ${index} is ${length} tokens long; this model embeds at most ${limit}: split it.`,
      );
    promptTokens += length;
    vectors.push(unitLength((await context.getEmbeddingFor(input)).vector));
  }
  return { kind: 'embedded', vectors, promptTokens };
}

/** OpenAI's embeddings have length 1, and programs take their dot product for the cosine. */
function unitLength(vector: readonly number[]): Float32Array {
  const length = Math.hypot(...vector);
  return Float32Array.from(vector, (value) => (length === 0 ? 0 : value / length));
}
