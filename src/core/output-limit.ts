/** The output limits of known models, which bound a reservation where the caller sets no limit, and the members by which callers set one. */

/** The first that is given counts: where a client sends the old name beside the new one, the new one is meant. */
export const LIMIT_MEMBERS = ['max_completion_tokens', 'max_tokens', 'max_output_tokens'] as const;

/** Names begin so; the first that fits counts. As the providers publish them (OpenAI, Anthropic and Google, autumn 2025). */
const LIMITS: readonly (readonly [start: string, tokens: number])[] = [
  ['gpt-5-chat', 16_384],
  ['gpt-5', 128_000],
  ['o1', 100_000],
  ['o3', 100_000],
  ['o4', 100_000],
  ['gpt-4.1', 32_768],
  ['gpt-4o', 16_384],
  ['chatgpt-4o', 16_384],
  ['gpt-4', 8_192],
  ['gpt-3.5', 4_096],
  ['claude-3-haiku', 4_096],
  ['claude-3-opus', 4_096],
  ['claude-3-5', 8_192],
  ['claude-3-7', 128_000],
  ['claude-opus-4', 32_000],
  ['claude-sonnet-4', 64_000],
  ['claude-haiku-4', 64_000],
  ['gemini-2.5', 65_536],
  ['gemini-2.0', 8_192],
];

/** Every model of the last two years can write so much; a request that would ask for more is refused by some of them. */
export const WRITTEN_IN_TOKENS = 4_096;

/** Undefined where nobody here knows; `openai/gpt-4o` is `gpt-4o`. */
export function outputLimit(model: string): number | undefined {
  const name = model.slice(model.lastIndexOf('/') + 1).toLowerCase();
  return LIMITS.find(([start]) => name.startsWith(start))?.[1];
}
