/** The port of the store of sessions: who is signed in to the page, and since when. */

/** Times are milliseconds since the epoch. */
export interface StoredSession {
  /** SHA-256 of the cookie, hex: the cookie itself is kept by nobody. */
  readonly digest: string;
  /** Of the key that was given: a session is worth what its key is worth now. */
  readonly keyDigest: string;
  readonly createdMs: number;
  readonly seenMs: number;
  readonly expiresMs: number;
  /** The browser's own words, cut. */
  readonly agent: string;
}

export interface SessionStore {
  /** Those that have expired by its creation are forgotten. */
  add(session: StoredSession): Promise<void>;
  get(digest: string): Promise<StoredSession | undefined>;
  seen(digest: string, atMs: number): Promise<void>;
  /** The newest first. */
  list(): Promise<readonly StoredSession[]>;
  remove(digest: string): Promise<void>;
}
