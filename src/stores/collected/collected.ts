/** Writes what is collected for distillation, on a thread that begins with the first exchange. */
import type { CollectedCount, CollectedFilter, Exchange } from '../../core/collect.ts';
import { databaseThread, workerOf } from '../sqlite/thread.ts';

export type CollectedQuestion =
  | { readonly kind: 'add'; readonly exchanges: readonly Exchange[] }
  | { readonly kind: 'expire'; readonly nowMs: number }
  | { readonly kind: 'counts' }
  | { readonly kind: 'conversation'; readonly requestId: string }
  | { readonly kind: 'delete'; readonly filter: CollectedFilter };

export interface CollectedWriter {
  /** Rejects with a sentence that says what is wrong with the file. */
  add(exchange: Exchange): Promise<void>;
  expire(nowMs: number): Promise<void>;
  counts(): Promise<readonly CollectedCount[]>;
  /** Of the conversation that the request belongs to. */
  conversationOf(requestId: string): Promise<string | undefined>;
  /** @returns how many were deleted */
  delete(filter: CollectedFilter): Promise<number>;
  close(): Promise<void>;
}

export function collectedWriter(path: string): CollectedWriter {
  const thread = databaseThread<CollectedQuestion>(path, workerOf(import.meta.url));
  return {
    add: async (exchange) => {
      await thread.ask({ kind: 'add', exchanges: [exchange] });
    },
    expire: async (nowMs) => {
      await thread.ask({ kind: 'expire', nowMs });
    },
    counts: async () => {
      const rows = await thread.ask({ kind: 'counts' });
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by the thread
      return rows.map((row) => JSON.parse(row) as CollectedCount);
    },
    conversationOf: async (requestId) => (await thread.ask({ kind: 'conversation', requestId }))[0],
    delete: async (filter) => Number((await thread.ask({ kind: 'delete', filter }))[0]),
    close: () => thread.end(),
  };
}
