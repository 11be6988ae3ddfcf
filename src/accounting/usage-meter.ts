/** Observes one answer: the usage it reports, and its texts, which are counted where that is not credible. */
import type { MostTokens, UsageMeter } from '../core/accounting.ts';
import type { JsonObject } from '../lib/json.ts';
import type { Usage } from '../core/record.ts';
import type { Features } from '../core/signal.ts';
import { estimateTokens } from '../lib/token-estimate.ts';
import { eachProducedText, hasOtherResult } from '../wire/produced-text.ts';
import { usageObject } from '../wire/usage-names.ts';
import { reportedUsage, servedTier, type Reported } from '../wire/usage.ts';

/** Exact counting takes about 1 µs a token on the event loop: beyond this much text it is estimated, and need not be kept. */
const COUNTED_CHARACTERS = 16_000;

export type CountTokens = (text: string) => number;

export function usageMeter(
  features: Features,
  countTokens: CountTokens,
  most: MostTokens = {},
): UsageMeter {
  const produced = producedText(countTokens);
  let reported: Reported | undefined;
  let saidIn: JsonObject | undefined;
  let tier: string | undefined;
  let answeredModel: string | undefined;
  let hasContent = false;
  return {
    observe: (body) => {
      answeredModel ??= modelIn(body);
      const figures = reportedUsage(body);
      if (figures !== undefined) {
        reported = latest(reported, figures);
        saidIn = body;
      }
      tier = servedTier(body) ?? tier;
      eachProducedText(body, produced.take);
      hasContent ||= produced.hasText() || hasOtherResult(body);
    },
    observeText: (text) => {
      produced.take(text);
      hasContent = true;
    },
    hasContent: () => hasContent,
    answeredModel: () => answeredModel,
    usage: () => {
      if (!hasContent && reported === undefined) return undefined;
      const said = plausible(reported ?? NOTHING, features.facts.n, most);
      const usage = credible(said, {
        input: () => countInput(features, countTokens),
        output: produced.tokens,
        hasText: produced.hasText(),
      });
      return { ...usage, ...billing(said, tier), ...asSaid(said, saidIn) };
    },
    countUsage: (output) => usageCounted(features, output, countTokens),
  };
}

const usageCounted = (
  features: Features,
  output: readonly string[],
  countTokens: CountTokens,
): Usage => ({
  inputTokens: countInput(features, countTokens),
  ...NO_CACHE,
  outputTokens: countText(output.join(''), countTokens),
  reasoningTokens: 0,
  source: 'counted',
});

/** The texts of an answer, of which no more is kept than is counted. */
function producedText(countTokens: CountTokens) {
  let pieces: string[] = [];
  let keptCharacters = 0;
  let hasText = false;
  /** Of what is not in `pieces`; undefined where all is. */
  let estimated: number | undefined;
  return {
    take: (text: string): void => {
      hasText = true;
      if (text.length > COUNTED_CHARACTERS) {
        estimated = (estimated ?? 0) + estimateTokens(text);
        return;
      }
      if (text !== '') pieces.push(text);
      keptCharacters += text.length;
      if (keptCharacters <= COUNTED_CHARACTERS) return;
      estimated = (estimated ?? 0) + estimateTokens(pieces.join(''));
      pieces = [];
      keptCharacters = 0;
    },
    tokens: (): number => {
      const kept = pieces.join('');
      return estimated === undefined ? countTokens(kept) : estimated + estimateTokens(kept);
    },
    hasText: () => hasText,
  };
}

/** Anthropic's streams say the input first, and may say the output alone at the end. */
function latest(before: Reported | undefined, said: Reported | undefined): Reported | undefined {
  if (said === undefined) return before;
  if (before === undefined || said.inputTokens !== undefined) return said;
  return { ...before, outputTokens: said.outputTokens };
}

function modelIn(body: JsonObject): string | undefined {
  const model = body['model'];
  if (typeof model === 'string' && model !== '') return model;
  const response = body['response'] ?? body['message'];
  return typeof response === 'object' && response !== null && 'model' in response
    ? modelIn(response)
    : undefined;
}

/** Of one answer, where nobody knows the model. None writes a fifth of it; only a faulty or hostile server says more. */
const MOST_OUTPUT_TOKENS = 1_000_000;
/** Servers count a template's own tokens in different ways. */
const MARGIN = 1.1;

/** Without figures beyond what the model can do: what went by is counted in their place. */
function plausible(reported: Reported, answers: number, most: MostTokens): Reported {
  const { input = Infinity, output = MOST_OUTPUT_TOKENS / MARGIN } = most;
  const { inputTokens = 0, outputTokens = 0 } = reported;
  const isInput = inputTokens <= MARGIN * input;
  const isOutput = outputTokens <= MARGIN * output * Math.max(1, answers);
  if (isInput && isOutput) return reported;
  return {
    ...reported,
    ...(isInput ? {} : { inputTokens: undefined, cachedInputTokens: 0, cacheWriteTokens: 0 }),
    ...(isOutput ? {} : { outputTokens: undefined, reasoningTokens: 0 }),
    isImplausible: true,
  };
}

/** Characters of what is not believed that are kept. */
const KEPT_OF_SAID = 256;

function asSaid({ isImplausible }: Reported, saidIn: JsonObject | undefined): Pick<Usage, 'said'> {
  if (isImplausible !== true || saidIn === undefined) return {};
  return { said: JSON.stringify(usageObject(saidIn) ?? {}).slice(0, KEPT_OF_SAID) };
}

/** What decides about the price beside the sums of tokens. */
function billing(
  { details, chargedUsd, isImplausible }: Reported,
  serviceTier: string | undefined,
): Pick<Usage, 'details' | 'chargedNanoUsd' | 'serviceTier' | 'isImplausible'> {
  return {
    ...(details === undefined ? {} : { details }),
    ...(chargedUsd === undefined ? {} : { chargedNanoUsd: Math.round(chargedUsd * 1e9) }),
    ...(serviceTier === undefined ? {} : { serviceTier }),
    ...(isImplausible === undefined ? {} : { isImplausible }),
  };
}

interface Counts {
  readonly input: () => number;
  readonly output: () => number;
  readonly hasText: boolean;
}

/**
 * A figure other than 0 is believed. A missing one, or 0 where there was text, is counted instead: several
 * servers report zeros in streams, and a cost of 0 is worse than an estimate.
 */
function credible(reported: Reported, counts: Counts): Usage {
  const input = reported.inputTokens || undefined;
  const output = reported.outputTokens || (counts.hasText ? undefined : 0);
  return {
    inputTokens: input ?? counts.input(),
    ...(input === undefined ? NO_CACHE : cacheOf(reported)),
    outputTokens: output ?? counts.output(),
    reasoningTokens: output === undefined ? 0 : reported.reasoningTokens,
    source: input === undefined || output === undefined ? 'counted' : 'reported',
  };
}

const NO_CACHE = { cachedInputTokens: 0 };

const cacheOf = ({ cachedInputTokens, cacheWriteTokens }: Reported) =>
  cacheWriteTokens === 0 ? { cachedInputTokens } : { cachedInputTokens, cacheWriteTokens };

const NOTHING: Reported = {
  inputTokens: undefined,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: undefined,
  reasoningTokens: 0,
};

/** The request's estimate, in which the estimates of short texts are replaced by counts. */
function countInput({ facts, turns }: Features, countTokens: CountTokens): number {
  if (facts.inputTokensSource === 'counted') return facts.inputTokens;
  let tokens = facts.inputTokens;
  let left = COUNTED_CHARACTERS;
  for (const { text } of turns) {
    if (text.length > left) continue;
    left -= text.length;
    tokens += countTokens(text) - estimateTokens(text);
  }
  return Math.max(0, tokens);
}

function countText(text: string, countTokens: CountTokens): number {
  return text.length > COUNTED_CHARACTERS ? estimateTokens(text) : countTokens(text);
}
