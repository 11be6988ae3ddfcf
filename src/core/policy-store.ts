/** The port behind which policies live: every version that ever ruled, which one rules, and what was done. */

import type { Problem } from '../lib/problems.ts';
import type { Guards } from './policy.ts';

/** Who does something: a user of this machine, a key's name, or the gateway itself. */
export interface Act {
  readonly who: string;
  /** Why, in the words of who did it; `''` = nothing said. */
  readonly note: string;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
}

/** A policy's text, under the digest of its content: the same words are the same version. */
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

/** How a version came to rule. */
export type ActivationKind = 'activated' | 'rolled_back' | 'stepped_back';

export interface Activation {
  /** Grows with every activation. */
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
  | 'model_digest_changed';

/** One link of the chain: its hash covers everything in it, the hash of the one before included. */
export interface AuditEvent {
  /** 1, 2, 3 …: a gap is a row that was taken out. */
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

/** `head` is the hash of the last event: noted elsewhere, it tells a chain that was written anew. */
export type Verified =
  | { readonly ok: true; readonly events: number; readonly head: string }
  | { readonly ok: false; readonly seq: number; readonly problem: string };

export type Detail = Readonly<Record<string, string | number | null>>;

export interface PolicyStore {
  /** Keeps a version; one that is known stays as it is. */
  save(version: PolicyVersion): Promise<void>;
  get(version: string): Promise<PolicyVersion | undefined>;
  /** Newest first. */
  list(): Promise<readonly PolicyVersion[]>;
  active(): Promise<Activation | undefined>;
  /**
   * From now on this version rules; on the audit log too. One that rules already changes nothing.
   * @throws GatewayError `caller_not_found` for a version that was never saved
   */
  activate(version: string, act: Act, detail?: Detail): Promise<Activation>;
  /**
   * Back to what ruled before the present version, then to what ruled before that. With `from`: only
   * if that one still rules. Undefined when there is nothing to go back to.
   */
  back(
    kind: 'rolled_back' | 'stepped_back',
    act: Act,
    detail?: Detail & { readonly from?: string },
  ): Promise<Activation | undefined>;
  /** The version of the policy file that was seen last, so that a change while nobody looked is noticed. */
  seenInFile(): Promise<string | undefined>;
  seeInFile(version: string): Promise<void>;
  /** True when this model had another digest before, and never this one. Remembers it. */
  noteDigest(upstream: string, model: string, digest: string): Promise<boolean>;
  record(event: AuditKind, act: Act, detail: Detail): Promise<void>;
  /** Oldest first. */
  audit(): Promise<readonly AuditEvent[]>;
  /** Recomputes the chain, and names the first row that breaks it. */
  verify(): Promise<Verified>;
  close(): Promise<void>;
}

/** What `GET /admin/policy` says. */
export interface PolicyStatus {
  readonly name: string;
  readonly version: string;
  readonly mode: string;
  /** How many of `modes` there are. */
  readonly keyModes: number;
  readonly guards: Guards | null;
  /** The policy file, whose changes are followed. */
  readonly file: string;
  /** Why the file as it is now cannot be used: another version stays in force meanwhile. */
  readonly problem: { readonly atMs: number; readonly problems: readonly Problem[] } | null;
}

type ListedVersion = Omit<PolicyVersion, 'text'> & { readonly isActive: boolean };

/** What the admin API may do with policies. */
export interface PolicyAdmin {
  status(): PolicyStatus;
  list(): Promise<readonly ListedVersion[]>;
  /** @throws GatewayError `caller_not_found`, or `caller_invalid` for a text that cannot be used here and now */
  activate(version: string, act: Pick<Act, 'who' | 'note'>): Promise<PolicyStatus>;
}
