/** What a job's sampling is in the library's words. */
import type { GenerateJob } from './protocol.ts';

/** The usual one of llama.cpp and Ollama. */
const REPEAT_TOKENS = 64;

export function samplingOptions({ sampling, format }: GenerateJob) {
  const { temperature, topP, topK, seed, frequencyPenalty, presencePenalty } = sampling;
  const penalised = frequencyPenalty !== 0 || presencePenalty !== 0;
  const penalty = format.kind === 'text' ? sampling.repeatPenalty : 1;
  return {
    temperature,
    topP,
    topK,
    ...(seed === undefined ? {} : { seed }),
    repeatPenalty: penalised
      ? // 1 switches off the library's own multiplicative penalty, which OpenAI's API does not know.
        { penalty: 1, frequencyPenalty, presencePenalty, lastTokens: 256, penalizeNewLine: true }
      : penalty !== 1 && { penalty, lastTokens: REPEAT_TOKENS, penalizeNewLine: false },
  };
}
