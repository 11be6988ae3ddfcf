/**
 * Raises the probability that an answer ends after each of its sentences: a heavily quantised model goes on where it has nothing more to
 * say.
 */
import type * as library from 'node-llama-cpp';
import type { LlamaModel, SequenceEvaluateOptions, TokenBias } from 'node-llama-cpp';
import type { GenerateJob } from './protocol.ts';
import { END_OF_SENTENCE } from './sentence.ts';
import { taskOf } from './visible-text.ts';

export interface EndBias {
  readonly options: Pick<SequenceEvaluateOptions, 'tokenBias'>;
  /** Takes each piece of the answer. */
  push(piece: string): void;
}

export type EndBiases = (job: GenerateJob) => EndBias;

const NONE: EndBias = { options: {}, push: () => {} };

/**
 * The library cannot bias tokens that end an answer, so all others get the negative bias, which is equivalent. Nothing changes within a
 * sentence, where "17 + 25" would count as an answer, nor while the answer only repeats the task.
 */
export function endBiases(lib: Pick<typeof library, 'TokenBias'>, model: LlamaModel): EndBiases {
  let made: { readonly nats: number; readonly bias: TokenBias } | undefined;
  const none = new lib.TokenBias(model.tokenizer);
  const biasOf = (nats: number): TokenBias => {
    if (made?.nats !== nats) {
      const bias = new lib.TokenBias(model.tokenizer);
      made = { nats, bias: bias.set([...model.iterateAllTokens()], { logit: -nats }) };
    }
    return made.bias;
  };
  return ({ prompt, format, sampling: { endBias: nats } }) => {
    const task = format.kind === 'text' ? taskOf(prompt) : undefined;
    if (task === undefined || nats === 0) return NONE;
    let said = '';
    const next = (): TokenBias => {
      const text = said.trim();
      return END_OF_SENTENCE.test(text) && !task.includes(text) ? biasOf(nats) : none;
    };
    return {
      options: { tokenBias: next },
      push: (piece) => {
        said += piece;
      },
    };
  };
}
