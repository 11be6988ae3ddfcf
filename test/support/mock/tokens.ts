/** The mock's token count: one per four characters, rounded up. Deterministic, and no real tokenizer. */
import type { UsageFigures, UsageMode } from './behaviour.ts';
import type { JsonObject } from '../../../src/lib/json.ts';

const CHARACTERS_A_TOKEN = 4;

export const countTokens = (text: string): number => Math.ceil(text.length / CHARACTERS_A_TOKEN);

/** The figures to report; undefined = report none. */
export function figuresFor(mode: UsageMode, counted: UsageFigures): UsageFigures | undefined {
  if (mode === 'none') return undefined;
  if (mode === 'zero') return { prompt: 0, completion: 0 };
  return typeof mode === 'string' ? counted : mode;
}

export function chatUsage(figures: UsageFigures): JsonObject {
  return {
    prompt_tokens: figures.prompt,
    completion_tokens: figures.completion,
    total_tokens: figures.prompt + figures.completion,
    prompt_tokens_details: { cached_tokens: figures.cached ?? 0, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: figures.reasoning ?? 0, audio_tokens: 0 },
  };
}

export function responsesUsage(figures: UsageFigures): JsonObject {
  return {
    input_tokens: figures.prompt,
    input_tokens_details: { cached_tokens: figures.cached ?? 0 },
    output_tokens: figures.completion,
    output_tokens_details: { reasoning_tokens: figures.reasoning ?? 0 },
    total_tokens: figures.prompt + figures.completion,
  };
}
