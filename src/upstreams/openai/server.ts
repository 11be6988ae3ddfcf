/** What is known of a server from its configuration. */
import type { Caller } from '../../core/call.ts';
import type { Locality } from '../../core/decision.ts';
import type { ByteBudget } from '../../lib/byte-budget.ts';
import type { CleanWords } from '../clean-words.ts';
import type { Connections } from '../http/connections.ts';
import type { Timeouts } from '../http/timeouts.ts';
import type { PathOf } from './url-path.ts';

export interface Server {
  readonly name: string;
  readonly locality: Locality;
  readonly connections: Connections;
  /** Of the base URL, without a slash at its end. */
  readonly basePath: string;
  /** Of the base URL, without its question mark. */
  readonly query: string;
  /** Where a call goes, below its base URL. */
  readonly pathOf: PathOf;
  /** What goes with every call: credentials, user agent, configured headers. Name, value, name, value. */
  readonly ownHeaders: readonly string[];
  /** The same, with the credential of the caller's team where it has one. */
  readonly headersFor: (caller: Caller) => readonly string[];
  readonly timeouts: Timeouts;
  /** For what the server says in errors. */
  readonly clean: CleanWords;
  /** What answers that are read whole count against; absent: nothing. */
  readonly memory?: ByteBudget | undefined;
}
