/** Token probabilities that the gateway itself requests from a server: it reads them and removes them from what the caller sees. */
import type { Call } from '../../core/call.ts';
import { UpstreamError } from '../../core/errors.ts';
import type { ObserveTokens } from '../../core/token-scores.ts';
import type { UpstreamRequest } from '../../core/upstream.ts';
import { isObject, objectsIn, textIn, type JsonObject } from '../../lib/json.ts';
import { tokenScoresIn } from '../../wire/logprobs.ts';
import type { Rewrite } from '../dialects/rewrites.ts';

/** The scores of one answer. */
export interface AskedScores {
  /** Asks for them; undefined where the caller did. */
  readonly rewrite: Rewrite | undefined;
  /** Reads a whole body or an event, and gives it as the caller is to see it: the very same object where nothing is taken out. */
  take(body: JsonObject): JsonObject;
}

export interface ScoringServer {
  /** Undefined where nobody wants them, or where this model of the server gave none before. */
  asked(request: UpstreamRequest): AskedScores | undefined;
  /** The server refused to be asked: it is not, from now on. Says whether that is what the error is about. */
  refused(model: string, error: unknown): boolean;
}

/** For the entropy of the five likeliest tokens. */
const TOP = 5;
/** Callers may name any model: further ones are asked each time. */
const MAX_MODELS = 256;

export function scoringServer(): ScoringServer {
  const unable = new Set<string>();
  const remember = (model: string): void => {
    if (unable.size < MAX_MODELS) unable.add(model);
  };
  return {
    asked: ({ call, model, observeTokens }) => {
      if (observeTokens === undefined || unable.has(model)) return undefined;
      return askedScores(call, observeTokens, () => remember(model));
    },
    refused: (model, error) => {
      const isAboutScores =
        error instanceof UpstreamError &&
        (error.upstreamStatus === 400 || error.upstreamStatus === 422) &&
        /log_?probs/i.test(error.message);
      if (isAboutScores) remember(model);
      return isAboutScores;
    },
  };
}

function askedScores(
  { operation, body }: Call,
  observe: ObserveTokens,
  leftOut: () => void,
): AskedScores | undefined {
  if (operation !== 'chat' && operation !== 'text_completion') return undefined;
  const isCallers = body['logprobs'] === true || typeof body['logprobs'] === 'number';
  let hasSaid = false;
  return {
    rewrite: isCallers ? undefined : operation === 'chat' ? askChat : askCompletion,
    take: (given) => {
      const scores = tokenScoresIn(given);
      if (scores.length > 0) observe(scores);
      else if (!hasSaid && hasText(given)) leftOut();
      hasSaid ||= hasText(given);
      return isCallers ? given : withoutScores(given);
    },
  };
}

const askChat: Rewrite = () => ({ logprobs: true, top_logprobs: TOP });
const askCompletion: Rewrite = () => ({ logprobs: TOP });

function hasText({ choices }: JsonObject): boolean {
  const [choice] = objectsIn(choices);
  if (choice === undefined) return false;
  const said = choice['delta'] ?? choice['message'];
  return textIn(isObject(said) ? said['content'] : choice['text']) !== '';
}

const withNone = (choice: JsonObject): JsonObject => ({ ...choice, logprobs: null });

function withoutScores(body: JsonObject): JsonObject {
  const choices = objectsIn(body['choices']);
  if (!choices.some(({ logprobs }) => isObject(logprobs))) return body;
  return { ...body, choices: choices.map(withNone) };
}
