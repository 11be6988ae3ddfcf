/** The port of the policy store: every version that was ever active, the active one, and the audit log. */

import type { Problem } from '../lib/problems.ts';
import type { Guards } from './policy.ts';

/** Who acts, when and why. `who` is a user of this machine, a key's name, or the gateway itself. */
export interface Act {
  readonly who: string;
  /** The reason given by `who`; `''` = none. */
  readonly note: string;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
}

/** A policy's text, identified by the digest of its content: the same text is the same version. */
export interface PolicyVersion {
  /** First 12 hex digits of the SHA-256 of the text, as in `Policy.version`. */
  readonly version: string;
  readonly name: string;
  readonly text: string;
  /** Where the text came from; for messages. */
  readonly file: string;
  readonly author: string;
  readonly atMs: number;
  readonly note: string;
}

/** How a version became active. */
export type ActivationKind = 'activated' | 'rolled_back' | 'stepped_back';

export interface Activation {
  /** Increases with every activation. */
  readonly seq: number;
  readonly version: string;
  readonly kind: ActivationKind;
}

export type AuditKind =
  | 'policy_activated'
  | 'policy_rolled_back'
  | 'policy_stepped_back'
  | 'policy_guard_broken'
  | 'policy_reload_refused'
  | 'model_digest_changed'
  | 'key_created'
  | 'key_rotated'
  | 'key_revoked'
  | 'owner_adopted'
  | 'budget_set'
  | 'budget_removed'
  | 'ledger_reconciled'
  | 'ledger_pruned'
  | 'ledger_rows_missing';

/** One link of the hash chain: `hash` covers every other member, `previous` included. */
export interface AuditEvent {
  /** 1, 2, 3 …: a gap is a deleted row. */
  readonly seq: number;
  readonly atMs: number;
  readonly who: string;
  readonly event: AuditKind;
  /** JSON of an object. */
  readonly detail: string;
  /** Hex; `''` in the first. */
  readonly previous: string;
  readonly hash: string;
}

/** `head` is the hash of the last event: a copy kept elsewhere reveals a rewritten chain. */
export type Verified =
  | { readonly ok: true; readonly events: number; readonly head: string }
  | { readonly ok: false; readonly seq: number; readonly problem: string };

export type Detail = Readonly<Record<string, string | number | null>>;

export interface PolicyStore {
  /** Saves a version; a known one stays as it is. */
  save(version: PolicyVersion): Promise<void>;
  get(version: string): Promise<PolicyVersion | undefined>;
  /** Newest first. */
  list(): Promise<readonly PolicyVersion[]>;
  active(): Promise<Activation | undefined>;
  /**
   * Makes this version the active one and logs that. Does nothing for the version that is active.
   * @throws GatewayError `caller_not_found` for a version that was never saved
   */
  activate(version: string, act: Act, detail?: Detail): Promise<Activation>;
  /**
   * Reactivates the previously active version. With `from`, only if `from` is still active
   * (compare-and-set). Undefined when there is none.
   */
  back(
    kind: 'rolled_back' | 'stepped_back',
    act: Act,
    detail?: Detail & { readonly from?: string },
  ): Promise<Activation | undefined>;
  /** The version last read from the policy file, so that a change made while the gateway was down is noticed. */
  seenInFile(): Promise<string | undefined>;
  seeInFile(version: string): Promise<void>;
  /** Remembers the digest. True when the model had another digest before, and never this one. */
  noteDigest(upstream: string, model: string, digest: string): Promise<boolean>;
  record(event: AuditKind, act: Act, detail: Detail): Promise<void>;
  /** Oldest first. */
  audit(): Promise<readonly AuditEvent[]>;
  /** Recomputes the hash chain, and names the first row that breaks it. */
  verify(): Promise<Verified>;
  close(): Promise<void>;
}

/** The answer of `GET /admin/policy`. */
export interface PolicyStatus {
  readonly name: string;
  readonly version: string;
  readonly mode: string;
  /** The number of `modes`. */
  readonly keyModes: number;
  readonly guards: Guards | null;
  /** The policy file, watched for changes. */
  readonly file: string;
  /** Why the current file cannot be used: another version stays active meanwhile. */
  readonly problem: { readonly atMs: number; readonly problems: readonly Problem[] } | null;
}

export type ListedVersion = Omit<PolicyVersion, 'text'> & { readonly isActive: boolean };

/** Reading, checking and saving texts of policies; nothing of it changes which one is active. */
export interface PolicyEdit {
  /** With its text; undefined for a version that was never saved. */
  get(version: string): Promise<PolicyVersion | undefined>;
  /** What keeps a text from being used with this configuration, in reading order; empty = nothing. */
  check(text: string): Promise<readonly Problem[]>;
  /** @throws GatewayError `caller_invalid` for a text that cannot be used */
  require(text: string): Promise<void>;
  /**
   * `base`: the newest version that whoever wrote the text has seen.
   * @throws GatewayError `caller_invalid` for a text that cannot be used; `caller_outdated`, with the differences, where a newer
   * version was saved meanwhile
   */
  save(
    text: string,
    act: Pick<Act, 'who' | 'note'> & { readonly base?: string },
  ): Promise<PolicyVersion>;
  /** Oldest first. */
  audit(): Promise<readonly AuditEvent[]>;
}

/** The admin API's operations on policies. */
export interface PolicyAdmin {
  status(): PolicyStatus;
  list(): Promise<readonly ListedVersion[]>;
  /** @throws GatewayError `caller_not_found`, or `caller_invalid` for a text that this configuration cannot use */
  activate(version: string, act: Pick<Act, 'who' | 'note'>): Promise<PolicyStatus>;
  /** Back to the version that was active before. @throws GatewayError `caller_not_found` where there is none */
  rollBack(act: Pick<Act, 'who' | 'note'>): Promise<PolicyStatus>;
  readonly edit: PolicyEdit;
}
