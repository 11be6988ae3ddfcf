/**
 * Generates token by token, with the probability of each: a loop of our own, since the library's gives none. It costs
 * speed (a fifth with the chosen token's alone, more than half with the likeliest beside it), so it is used where
 * probabilities are asked for.
 */
import type {
  LlamaContextSequence,
  LlamaModel,
  LlamaText,
  SequenceEvaluateOptions,
  Token,
} from 'node-llama-cpp';
import type { ScoredToken } from './protocol.ts';
import { stopTexts } from './stop-texts.ts';

export interface Scoring {
  readonly sequence: LlamaContextSequence;
  readonly model: LlamaModel;
  /** What is left of the prompt: at least its last token. */
  readonly tokens: readonly Token[];
  readonly stops: readonly LlamaText[];
  readonly maxTokens: number;
  /** How many of the likeliest tokens are given beside each one. */
  readonly top: number;
  readonly options: SequenceEvaluateOptions;
}

export interface ScoredFlow {
  /** Text, and the tokens that it was made of. */
  readonly onText: (text: string, tokens: readonly ScoredToken[]) => void;
  readonly onToken: (token: Token) => void;
  /** True: nothing more is wanted. */
  readonly isOver: () => boolean;
  readonly abort: AbortSignal;
}

interface Step {
  readonly token: Token;
  readonly confidence: number;
  /** Where they are asked for. */
  readonly probabilities?: Map<Token, number>;
}

/** Resolves to why it ended. Rejects on abort. */
export async function generateScored(
  scoring: Scoring,
  { onText, onToken, isOver, abort }: ScoredFlow,
): Promise<'stop' | 'length'> {
  const { sequence, model, maxTokens, top, options } = scoring;
  const end = endOf(scoring);
  const write = pieces(model);
  let count = 0;
  let finish: 'stop' | 'length' = 'stop';
  const tokens = [...scoring.tokens];
  const steps: AsyncIterable<Step> =
    top > 0
      ? sequence.evaluateWithMetadata(tokens, { confidence: true, probabilities: true }, options)
      : sequence.evaluateWithMetadata(tokens, { confidence: true }, options);
  for await (const step of steps) {
    abort.throwIfAborted();
    if (end.isAt(step.token)) break;
    const likeliest = firstOf(step.probabilities ?? new Map<Token, number>(), top);
    const scored = {
      text: model.detokenize([step.token]),
      logprob: logarithm(step.confidence),
      top: likeliest.map(([token, p]) => ({
        text: model.detokenize([token]),
        logprob: logarithm(p),
      })),
    };
    onToken(step.token);
    const piece = write(step.token, scored);
    count += 1;
    if (piece !== undefined) onText(end.text.push(piece.text), piece.tokens);
    if (end.text.hasEnded() || isOver()) break;
    if (count < maxTokens) continue;
    finish = 'length';
    break;
  }
  onText(end.text.flush(), []);
  return finish;
}

/** The least that is told apart from impossible: JSON has no infinity. */
const LEAST_LOGPROB = -9999;

const logarithm = (probability: number): number =>
  probability > 0 ? Math.min(0, Math.log(probability)) : LEAST_LOGPROB;

/** The library sorts them, likeliest first. */
function firstOf(probabilities: Map<Token, number>, count: number): [Token, number][] {
  const first: [Token, number][] = [];
  for (const pair of probabilities) {
    if (first.length === count) break;
    first.push(pair);
  }
  return first;
}

/** End of the turn: the model's own end tokens, and the template's, which are one token or a text. */
function endOf({ model, stops }: Scoring) {
  const ends = stops.map((stop) => ({
    text: stop.toString(),
    tokens: stop.tokenize(model.tokenizer),
  }));
  const single = new Set(ends.flatMap(({ tokens }) => (tokens.length === 1 ? tokens : [])));
  const texts = ends.flatMap(({ text, tokens }) => (tokens.length > 1 ? [text] : []));
  return {
    isAt: (token: Token): boolean => model.isEogToken(token) || single.has(token),
    text: stopTexts(texts),
  };
}

/** A character may be several tokens: they are given together once it is complete. */
function pieces(model: LlamaModel) {
  let waiting: Token[] = [];
  let scores: ScoredToken[] = [];
  const before: Token[] = [];
  return (token: Token, scored: ScoredToken) => {
    waiting.push(token);
    scores.push(scored);
    const text = model.detokenize(waiting, false, before.slice(-CONTEXT_TOKENS));
    if (text.endsWith('\uFFFD') && waiting.length < LONGEST_CHARACTER) return undefined;
    const piece = { text, tokens: scores };
    before.push(...waiting);
    waiting = [];
    scores = [];
    return piece;
  };
}

/** Tokens that decide whether a space stands before the next. */
const CONTEXT_TOKENS = 4;
/** In tokens: a byte each. */
const LONGEST_CHARACTER = 4;
