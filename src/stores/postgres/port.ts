/** What the stores ask of Postgres. */
import type { Row } from '../sqlite/row.ts';

/** Rows of one statement; whole numbers are numbers, JSON is parsed. */
export type Query = (sql: string, values?: readonly unknown[]) => Promise<readonly Row[]>;

export interface Postgres {
  /** One statement. @throws GatewayError that says what is wrong and what to do; so do the others */
  readonly query: Query;
  /** One transaction: nothing is kept where `work` throws. */
  transaction<T>(work: (query: Query) => Promise<T>): Promise<T>;
  /** A connection of its own, for as long as `signal` lasts; rejects when it is lost. */
  listen(channel: string, onNews: (payload: string) => void, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}
