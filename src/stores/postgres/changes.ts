/**
 * What administration changes, in Postgres: one change at a time, in one audit log. Every replica hears of it (`LISTEN`), and looks
 * by itself where it hears nothing.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { Act, AuditKind, Detail } from '../../core/policy-store.ts';
import { linkAfter } from '../tables/audit-log.ts';
import { number } from '../sqlite/row.ts';
import type { Postgres, Query } from './port.ts';

/** The name of what was changed, and the number that grows with it. */
const VERSIONS = ['keys', 'budgets', 'policies'] as const;
type Versioned = (typeof VERSIONS)[number];

export interface Changes {
  readonly query: Query;
  /** Runs `work` in one transaction, with no other change in between. */
  change<T>(work: (change: Change) => Promise<T>): Promise<T>;
  /** As of at most a few seconds ago, and at once after a change that was heard of. */
  version(of: Versioned): Promise<number>;
}

export interface Change {
  readonly query: Query;
  log(event: AuditKind, act: Act, detail: Detail): Promise<void>;
  raise(version: Versioned): Promise<void>;
}

const CHANNEL = 'smallfirst';
/** "SMF2": nobody else's advisory locks. */
const LOCK = 0x534d4632;
/** Looked for so often even where changes are heard of: a message may be lost. */
const LOOK_MS = 4_000;
/** After the connection was lost. */
const LISTEN_AGAIN_MS = 500;

interface State {
  readonly postgres: Postgres;
  /** What was read, by which time; absent: must be read. */
  readonly known: Map<Versioned, { readonly version: number; readonly untilMs: number }>;
  readonly asking: Map<Versioned, Promise<number>>;
  isListening: boolean;
}

/** Without listening: for commands. */
export const openChanges = (postgres: Postgres): Changes => changesOf(newState(postgres));

/** Listens for as long as `life` lasts. */
export function followChanges(postgres: Postgres, life: AbortSignal): Changes {
  const state = newState(postgres);
  void listen(state, life);
  return changesOf(state);
}

const newState = (postgres: Postgres): State => ({
  postgres,
  known: new Map(),
  asking: new Map(),
  isListening: false,
});

function changesOf(state: State): Changes {
  const { query, transaction } = state.postgres;
  return {
    query,
    change: (work) =>
      transaction(async (within) => {
        await within('SELECT pg_advisory_xact_lock($1)', [LOCK]);
        return await work({
          query: within,
          log: (event, act, detail) => append(within, event, act, detail),
          raise: async (version) => {
            await within(RAISE, [version]);
            await within('SELECT pg_notify($1, $2)', [CHANNEL, version]);
            state.known.delete(version);
          },
        });
      }),
    version: (of) => {
      const known = state.known.get(of);
      if (state.isListening && known !== undefined && known.untilMs > performance.now())
        return Promise.resolve(known.version);
      // One look at a time, however often it is asked for while Postgres hangs.
      const asking = state.asking.get(of) ?? look(state, of);
      state.asking.set(of, asking);
      return asking;
    },
  };
}

const RAISE =
  'INSERT INTO marks (name, value) VALUES ($1, 1) ON CONFLICT (name) DO UPDATE SET value = marks.value + 1';

async function look({ postgres, known, asking }: State, of: Versioned): Promise<number> {
  try {
    const untilMs = performance.now() + LOOK_MS;
    known.delete(of);
    const placeholder = { version: -1, untilMs: -Infinity };
    known.set(of, placeholder);
    const [row] = await postgres.query('SELECT value FROM marks WHERE name = $1', [of]);
    const version = row === undefined ? 0 : number(row, 'value');
    // News that came meanwhile is of a later one.
    if (known.get(of) === placeholder) known.set(of, { version, untilMs });
    return version;
  } finally {
    asking.delete(of);
  }
}

async function listen(state: State, life: AbortSignal): Promise<void> {
  const heard = (what: string): void => {
    state.isListening = true;
    for (const name of VERSIONS) if (what === '' || what === name) state.known.delete(name);
  };
  while (!life.aborted) {
    await state.postgres.listen(CHANNEL, heard, life).catch(() => {});
    state.isListening = false;
    await wait(LISTEN_AGAIN_MS, undefined, { ref: false, signal: life }).catch(() => {});
  }
}

/** Within a change. */
async function append(query: Query, event: AuditKind, act: Act, detail: Detail): Promise<void> {
  const [last] = await query('SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1');
  const link = linkAfter(last, event, act, detail);
  await query(
    `INSERT INTO audit (seq, at_ms, who, event, detail, previous, hash) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    link,
  );
  await query(WRITTEN, [link[0]]);
}

/** How many events there ever were, which reveals rows removed from the end. */
const WRITTEN =
  "INSERT INTO marks (name, value) VALUES ('audit', $1) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
