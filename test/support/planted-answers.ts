/** Answers of our own writing, bad ones by the check that must catch them, and good ones that must pass. */
import type { CheckName } from '../../src/core/verify.ts';
import type { JsonObject } from '../../src/lib/json.ts';
import planted from '../fixtures/planted-answers.json' with { type: 'json' };

export interface PlantedAnswer {
  readonly task: string;
  readonly text: string;
  readonly system?: string;
  readonly finish?: string;
  readonly body?: JsonObject;
}

export const bad: Readonly<Partial<Record<CheckName, readonly PlantedAnswer[]>>> = planted.bad;
export const good: readonly PlantedAnswer[] = planted.good;
