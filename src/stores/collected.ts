/** Writes what is collected for distillation, on a thread that begins with the first exchange. */
import type { Exchange } from '../core/collect.ts';
import { databaseThread, workerOf } from './sqlite-thread.ts';

export type CollectedQuestion =
  | { readonly kind: 'add'; readonly exchanges: readonly Exchange[] }
  | { readonly kind: 'expire'; readonly nowMs: number };

export interface CollectedWriter {
  /** Rejects with a sentence that says what is wrong with the file. */
  add(exchange: Exchange): Promise<void>;
  expire(nowMs: number): Promise<void>;
  close(): Promise<void>;
}

export function collectedWriter(path: string): CollectedWriter {
  const thread = databaseThread<CollectedQuestion>(path, workerOf('collected-worker'));
  return {
    add: async (exchange) => {
      await thread.ask({ kind: 'add', exchanges: [exchange] });
    },
    expire: async (nowMs) => {
      await thread.ask({ kind: 'expire', nowMs });
    },
    close: () => thread.end(),
  };
}
