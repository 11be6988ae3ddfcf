/** What an attempt used and cost, as members of the record (`record-fields.ts`). */
import {
  always,
  fields,
  map,
  nullable,
  number,
  optional,
  phrase,
  text,
  word,
} from '../lib/packing/packing.ts';
import type { Carbon, Cost, Energy, Grams, Usage, UsageDetails, Water } from './record.ts';

const DETAILS = fields<UsageDetails>()({
  inputAudioTokens: optional(number),
  inputImageTokens: optional(number),
  cachedAudioTokens: optional(number),
  cacheWrite1hTokens: optional(number),
  outputAudioTokens: optional(number),
  outputImageTokens: optional(number),
  webSearches: optional(number),
  audioSeconds: optional(number),
});

export const USAGE = fields<Usage>()({
  inputTokens: number,
  cachedInputTokens: number,
  cacheWriteTokens: optional(number),
  outputTokens: number,
  reasoningTokens: number,
  source: word(),
  details: optional(DETAILS),
  chargedNanoUsd: optional(number),
  serviceTier: optional(text),
  isImplausible: optional(always(true)),
  said: optional(text),
});

export const COST = fields<Cost>()({ totalNanoUsd: number, kinds: map(number), source: phrase });

export const ENERGY = fields<Energy>()({
  lowJ: number,
  highJ: number,
  method: word(),
  source: phrase,
});

const GRAMS = fields<Grams>()({ lowG: number, highG: number });

export const CARBON = fields<Carbon>()({
  operational: GRAMS,
  embodied: nullable(GRAMS),
  method: word(),
  source: phrase,
});

export const WATER = fields<Water>()({
  lowMl: number,
  highMl: number,
  method: word(),
  source: phrase,
});
