/** `/admin/collected`: what is kept for distillation. */
import { z } from 'zod';
import type { CollectedCount, CollectResult } from './collect.ts';
import type { Act } from './policy-store.ts';

/** What to delete, by key, by the conversation of a request, by age; all that are given must fit. */
export const collectedRemoval = z
  .strictObject({
    key: z.exactOptional(z.string().min(1)),
    request: z.exactOptional(z.string().min(1)),
    olderThanDays: z.exactOptional(z.number().gt(0).max(36_500)),
  })
  .refine((given) => Object.keys(given).length > 0, {
    error: 'say what to delete: `key`, `request` (of the conversation), `olderThanDays`',
  });

/** How collecting stands, for `/admin/collected`. */
export interface CollectedStanding {
  /** What the policy in force collects; null where it collects nothing. */
  readonly collects: { readonly when: string | null; readonly retentionDays: number } | null;
  /** Answers that the policy wanted collected since the start, by what became of each. */
  readonly results: Readonly<Partial<Record<CollectResult, number>>>;
  /** What the file holds. */
  readonly kept: readonly CollectedCount[];
}

export interface CollectedAdmin {
  standing(): Promise<CollectedStanding>;
  /** @throws GatewayError for what says nothing to delete, and for a request of which nothing was collected */
  remove(given: unknown, act: Act): Promise<{ readonly deleted: number }>;
}
