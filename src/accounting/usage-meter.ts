/** Observes one answer: the usage it reports, and its texts, which are counted where that is not credible. */
import type { MostTokens, UsageMeter } from '../core/accounting.ts';
import { isObject, type Json, type JsonObject, textIn } from '../lib/json.ts';
import type { Usage } from '../core/record.ts';
import type { Features } from '../core/signal.ts';
import { estimateTokens } from '../lib/token-estimate.ts';
import type { Writable } from '../lib/writable.ts';
import { eachProducedText, hasOtherResult, type TextTaker } from '../wire/produced-text.ts';
import { usageObject } from '../wire/usage-names.ts';
import { reportedUsage, servedTier, type Reported } from '../wire/usage.ts';

/** Exact counting takes about 1 µs a token on the event loop: beyond this much text it is estimated, and need not be kept. */
const COUNTED_CHARACTERS = 16_000;

export type CountTokens = (text: string) => number;

export const usageMeter = (
  features: Features,
  countTokens: CountTokens,
  most: MostTokens = {},
): UsageMeter => new ObservedUsage(features, countTokens, most);

/** A class, and not closures: there is one for each attempt. */
class ObservedUsage implements UsageMeter {
  readonly #features: Features;
  readonly #countTokens: CountTokens;
  readonly #most: MostTokens;
  readonly #produced: ProducedText;
  #reported: Reported | undefined;
  #saidIn: JsonObject | undefined;
  #tier: string | undefined;
  #answeredModel: string | undefined;
  #hasContent = false;

  constructor(features: Features, countTokens: CountTokens, most: MostTokens) {
    this.#features = features;
    this.#countTokens = countTokens;
    this.#most = most;
    this.#produced = new ProducedText(countTokens);
  }

  observe(body: JsonObject): void {
    this.#answeredModel ??= modelIn(body);
    const figures = reportedUsage(body);
    if (figures !== undefined) {
      this.#reported = latest(this.#reported, figures);
      this.#saidIn = body;
    }
    this.#tier = servedTier(body) ?? this.#tier;
    eachProducedText(body, this.#produced);
    this.#hasContent ||= this.#produced.hasText || hasOtherResult(body);
  }

  observeText(text: string): void {
    this.#produced.take(text);
    this.#hasContent = true;
  }

  hasContent(): boolean {
    return this.#hasContent;
  }

  answeredModel(): string | undefined {
    return this.#answeredModel;
  }

  usage(): Usage | undefined {
    const reported = this.#reported;
    if (!this.#hasContent && reported === undefined) return undefined;
    const said = plausible(reported ?? NOTHING, this.#features.facts.n, this.#most);
    const usage = credible(said, this);
    addBilling(usage, said, this.#tier);
    if (said.isImplausible === true && this.#saidIn !== undefined) usage.said = cut(this.#saidIn);
    return usage;
  }

  countUsage(output: readonly string[]): Usage {
    return usageCounted(this.#features, output, this.#countTokens);
  }

  get hasText(): boolean {
    return this.#produced.hasText;
  }

  countInput(): number {
    return countInput(this.#features, this.#countTokens);
  }

  countOutput(): number {
    return this.#produced.tokens();
  }
}

const usageCounted = (
  features: Features,
  output: readonly string[],
  countTokens: CountTokens,
): Usage => ({
  inputTokens: countInput(features, countTokens),
  cachedInputTokens: 0,
  outputTokens: countText(output.join(''), countTokens),
  reasoningTokens: 0,
  source: 'counted',
});

/** The texts of an answer, of which no more is kept than is counted. */
class ProducedText implements TextTaker {
  hasText = false;
  readonly #countTokens: CountTokens;
  /** What is counted: a short answer is one text. */
  #kept = '';
  /** Of what is not kept; undefined where all is. */
  #estimated: number | undefined;

  constructor(countTokens: CountTokens) {
    this.#countTokens = countTokens;
  }

  take(text: string): void {
    this.hasText = true;
    if (text.length > COUNTED_CHARACTERS) return this.#estimate(text);
    this.#kept += text;
    if (this.#kept.length <= COUNTED_CHARACTERS) return;
    this.#estimate(this.#kept);
    this.#kept = '';
  }

  tokens(): number {
    const kept = this.#kept;
    if (this.#estimated === undefined) return this.#countTokens(kept);
    return this.#estimated + estimateTokens(kept);
  }

  #estimate(text: string): void {
    this.#estimated = (this.#estimated ?? 0) + estimateTokens(text);
  }
}

/** Anthropic's streams say the input first, and may say the output alone at the end. */
function latest(before: Reported | undefined, said: Reported | undefined): Reported | undefined {
  if (said === undefined) return before;
  if (before === undefined || said.inputTokens !== undefined) return said;
  return { ...before, outputTokens: said.outputTokens };
}

/** Characters of what a server chooses, and records and headers hold. */
const LONGEST_MODEL = 256;

/** In the answer itself, or in what an event of it carries. */
const modelIn = (body: JsonObject): string | undefined =>
  modelOf(body) ?? modelOf(body['response'] ?? body['message']);

function modelOf(named: Json | undefined): string | undefined {
  const model = isObject(named) ? textIn(named['model']) : '';
  return model === '' ? undefined : model.slice(0, LONGEST_MODEL);
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

const cut = (saidIn: JsonObject): string =>
  JSON.stringify(usageObject(saidIn) ?? {}).slice(0, KEPT_OF_SAID);

/** What decides about the price beside the sums of tokens. */
function addBilling(
  usage: Writable<Usage>,
  { details, chargedUsd, isImplausible }: Reported,
  serviceTier: string | undefined,
): void {
  if (details !== undefined) usage.details = details;
  if (chargedUsd !== undefined) usage.chargedNanoUsd = Math.round(chargedUsd * 1e9);
  if (serviceTier !== undefined) usage.serviceTier = serviceTier;
  if (isImplausible !== undefined) usage.isImplausible = isImplausible;
}

interface Counts {
  readonly hasText: boolean;
  countInput(): number;
  countOutput(): number;
}

/**
 * A figure other than 0 is believed. A missing one, or 0 where there was text, is counted instead: several
 * servers report zeros in streams, and a cost of 0 is worse than an estimate.
 */
function credible(reported: Reported, counts: Counts): Writable<Usage> {
  const input = reported.inputTokens || undefined;
  const output = reported.outputTokens || (counts.hasText ? undefined : 0);
  const written = input === undefined ? 0 : reported.cacheWriteTokens;
  const usage: Writable<Usage> = {
    inputTokens: input ?? counts.countInput(),
    cachedInputTokens: input === undefined ? 0 : reported.cachedInputTokens,
    outputTokens: output ?? counts.countOutput(),
    reasoningTokens: output === undefined ? 0 : reported.reasoningTokens,
    source: input === undefined || output === undefined ? 'counted' : 'reported',
  };
  if (written !== 0) usage.cacheWriteTokens = written;
  return usage;
}

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
