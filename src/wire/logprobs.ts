/** Log probabilities of an answer's tokens in OpenAI's shapes: written, and read from one choice. */
import type { TokenScore } from '../core/token-scores.ts';
import { isObject, objectsIn, textIn, type Json, type JsonObject } from '../lib/json.ts';

interface NamedToken {
  readonly text: string;
  readonly logprob: number;
  readonly top: readonly { readonly text: string; readonly logprob: number }[];
}

/** Of a chat's choice. A token that is a part of a character has no bytes that are known. */
export const chatLogprobs = (tokens: readonly NamedToken[]): JsonObject => ({
  content: tokens.map(({ top, ...token }) => ({ ...entry(token), top_logprobs: top.map(entry) })),
  refusal: null,
});

const entry = ({ text, logprob }: { text: string; logprob: number }) => ({
  token: text,
  logprob,
  bytes: text.includes('\uFFFD') ? null : [...Buffer.from(text)],
});

/** Of a completion's choice. @param offset - characters of the text before them */
export function completionLogprobs(tokens: readonly NamedToken[], offset: number): JsonObject {
  let at = offset;
  return {
    tokens: tokens.map(({ text }) => text),
    token_logprobs: tokens.map(({ logprob }) => logprob),
    top_logprobs: tokens.map(({ top }) =>
      Object.fromEntries(top.map(({ text, logprob }) => [text, logprob])),
    ),
    text_offset: tokens.map(({ text }) => {
      const start = at;
      at += text.length;
      return start;
    }),
  };
}

/** Of the first choice of a body or an event, in either shape; empty where it says none. */
export function tokenScoresIn(body: JsonObject): readonly TokenScore[] {
  const { choices } = body;
  const choice: Json | undefined = Array.isArray(choices) ? choices[0] : undefined;
  const logprobs = isObject(choice) ? choice['logprobs'] : undefined;
  if (!isObject(logprobs)) return [];
  if (Array.isArray(logprobs['content'])) return objectsIn(logprobs['content']).map(chatScore);
  const { tokens, token_logprobs: scores, top_logprobs: tops } = logprobs;
  if (!Array.isArray(scores) || !Array.isArray(tokens)) return [];
  return scores.map((logprob: Json, index) => ({
    text: textIn(tokens[index]),
    logprob: numberIn(logprob),
    top: topOf(Array.isArray(tops) ? tops[index] : undefined),
  }));
}

const chatScore = ({ token, logprob, top_logprobs: top }: JsonObject): TokenScore => ({
  text: textIn(token),
  logprob: numberIn(logprob),
  top: objectsIn(top).map((each) => numberIn(each['logprob'])),
});

const topOf = (top: Json | undefined): readonly number[] =>
  isObject(top)
    ? Object.values(top)
        .map(numberIn)
        .toSorted((a, b) => b - a)
    : [];

/** What is no number is seen as such by whoever judges. */
const numberIn = (value: Json | undefined): number =>
  typeof value === 'number' ? value : Number.NaN;
