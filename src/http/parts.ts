/** The dependencies of the HTTP layer. */
import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { SimulationAnswer, SimulationAsk } from '../core/admin-simulation.ts';
import type { BudgetAdmin } from '../core/budget-settings.ts';
import type { Call, Caller } from '../core/call.ts';
import type { KeyAdmin } from '../core/keys.ts';
import type { CollectedAdmin } from '../core/admin-collected.ts';
import type { LedgerAdmin } from '../core/ledger-tools.ts';
import type { GridIntensity } from '../core/meter.ts';
import type { Policy } from '../core/policy.ts';
import type { PolicyAdmin } from '../core/policy-store.ts';
import type { StoredResponses } from '../core/stored-responses.ts';
import type { FiguresWindow, Ledger } from '../core/store.ts';
import type { Summary } from '../core/admin-figures.ts';
import type { UpstreamAdmin } from '../core/shown-upstream.ts';
import type { ListedModel } from '../core/upstream.ts';
import type { Gateway } from '../engine/gateway.ts';
import type { AcceptTools } from './accept.ts';
import type { Admission } from './admission/admission.ts';
import type { Auth } from './callers/auth.ts';
import type { Buffers } from './admission/buffers.ts';
import type { Events } from './pages/events.ts';
import type { RateLimiter } from './callers/rate-limiter.ts';
import type { Idempotency } from './answer/idempotency.ts';
import type { ReadLater } from './admission/read-later.ts';
import type { Sessions } from './callers/sessions.ts';
import type { Ownership } from './carried/ownership.ts';

export interface Env {
  readonly Bindings: HttpBindings;
}

export type Handler = (context: Context<Env>) => Promise<Response> | Response;

interface About {
  readonly version: string;
  readonly policy: { readonly name: string; readonly version: string; readonly mode: string };
  /** Shown on every page, such as that this is a demonstration. */
  readonly notice: string | null;
}

/** An exposition format of the metrics. */
interface Exposition {
  readonly contentType: string;
  readonly text: () => Promise<string>;
}

export interface HttpParts extends AcceptTools {
  readonly gateway: Gateway;
  /** Tokens of a request's input, with `o200k_base`; long texts and pictures are estimated. */
  readonly countInput: (call: Call) => number;
  readonly auth: Auth;
  /** Absent where nobody signs in. */
  readonly sessions?: Sessions;
  readonly keys: KeyAdmin;
  readonly budgets: BudgetAdmin;
  readonly ledgerAdmin: LedgerAdmin;
  readonly collectedAdmin: CollectedAdmin;
  /** The state of a caller's budgets. */
  readonly budgetsOf: (caller: Caller) => readonly object[];
  readonly ownership: Ownership;
  readonly idempotency: Idempotency;
  readonly limiter: RateLimiter;
  readonly corsOrigins: readonly string[];
  /** The path under which a proxy shows the gateway, such as `/smallfirst`; usually empty. */
  readonly basePath: string;
  readonly keepAliveMs: number;
  readonly models: () => readonly ListedModel[];
  /** The known small models, and how to get each. */
  readonly catalogue: () => Promise<readonly object[]>;
  readonly ledger: Ledger;
  /** Requests, money, energy and savings since then (milliseconds since the epoch), from the ledger. */
  readonly report: (sinceMs: number) => Promise<object>;
  /** The same for any window, with filters. */
  readonly summary: (window: FiguresWindow) => Promise<Summary>;
  readonly policies: PolicyAdmin;
  /** Decides recorded requests again under another policy text. */
  readonly simulate: (ask: SimulationAsk, ended: AbortSignal) => Promise<SimulationAnswer>;
  readonly upstreams: UpstreamAdmin;
  /** The policy that is in force for a caller: name@version. */
  readonly policyNameOf: (caller: Caller) => string;
  /** Undefined for a version that is no longer stored. */
  readonly policyOf: (version: string) => Promise<Policy | undefined>;
  /** What is measured, by which meter, and why that one. */
  readonly meters: () => { readonly energy: object; readonly grid: GridIntensity };
  readonly metrics: Exposition & { readonly openMetrics: Exposition };
  /**
   * `ok`: at least one route can be served. `detail`: each upstream's state, and whether the ledger
   * fails.
   */
  readonly readiness: () => { readonly ok: boolean; readonly detail: string };
  readonly hasCloud: () => boolean;
  /** Takes an unexpected error: logged with its stack, never shown to the caller. */
  readonly reportBug: (error: unknown, requestId?: string) => void;
  /** The facts that pages about this gateway show. */
  readonly about: () => About;
  readonly events: Events;
  readonly authIsOpen: boolean;
  /** Administration has a listener of its own, which only this machine reaches. */
  readonly adminIsLocal: boolean;
  readonly isDraining: () => boolean;
  readonly admission: Admission;
  readonly readLater: ReadLater;
  /** What callers send, in bytes. */
  readonly buffers: Buffers;
  readonly startedAtMs: number;
  readonly storedResponses: StoredResponses;
}
