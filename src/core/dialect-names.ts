/** Servers with an OpenAI-compatible HTTP API: `upstreams/dialects.ts` has a row for each. */
export const dialectNames = [
  'openai',
  'openai-compatible',
  'ollama',
  'llama-cpp-server',
  'vllm',
  'sglang',
  'lm-studio',
  'tgi',
  'generic',
] as const;

export type DialectName = (typeof dialectNames)[number];
