/** Which processes share Postgres, and what becomes of the leases of those that are gone. */
import type { Boot } from '../attempts/messages.ts';
import { BEAT_MS, SILENT_MS } from '../tables/boots.ts';
import { text } from '../sqlite/row.ts';
import type { DatabaseThread } from '../sqlite/thread.ts';
import type { Postgres } from './port.ts';
import type { Forwarder } from './forwarder.ts';

interface Processes {
  /** Says that this process is here: before its first lease. */
  register(): Promise<void>;
  /** That were heard of lately, this one among them. */
  count(): number;
  /** Gives back what it has leased and not used, if all of its rows are in Postgres. */
  close(): Promise<void>;
}

interface ProcessParts {
  readonly postgres: Postgres;
  readonly thread: Pick<DatabaseThread, 'ask'>;
  readonly forwarder: Pick<Forwarder, 'flush' | 'stats'>;
  readonly boot: Boot;
  /** The outbox's name. */
  readonly outbox: string;
  /** Whether what is in the outbox outlives its process. */
  readonly keepsRows: boolean;
}

export async function followProcesses(parts: ProcessParts): Promise<Processes> {
  const { postgres, boot, outbox, keepsRows, forwarder } = parts;
  const register = async (): Promise<void> => {
    await postgres.query(
      `INSERT INTO boots (id, outbox, host, keeps_rows) VALUES ($1, $2, $3, $4)
       ON CONFLICT (id) DO UPDATE SET seen = now()`,
      [boot.id, outbox, boot.host, keepsRows],
    );
  };
  await register();
  let heard = 1;
  const beat = async (): Promise<void> => {
    await register();
    await retireDead(parts);
    const [row] = await postgres.query(
      `SELECT count(*) AS processes FROM boots WHERE seen > now() - $1 * interval '1 millisecond'`,
      [SILENT_MS],
    );
    heard = Math.max(1, Number(row?.['processes']));
  };
  // What fails now is done by the next one.
  const beating = setInterval(() => void beat().catch(() => {}), BEAT_MS).unref();
  void beat().catch(() => {});
  return {
    register,
    count: () => heard,
    close: async () => {
      clearInterval(beating);
      if (forwarder.stats().waiting > 0) return;
      await postgres.query('SELECT smallfirst_retire($1)', [[boot.id]]).catch(() => {});
    },
  };
}

/**
 * Those of this outbox that are gone, once their rows are in Postgres; and those that kept no rows and have said nothing for long:
 * what they left open is `unknown`.
 */
async function retireDead({ postgres, thread, forwarder, outbox }: ProcessParts): Promise<void> {
  // In this order: who registers later is in the list of the living.
  const rows = await postgres.query('SELECT id FROM boots WHERE outbox = $1', [outbox]);
  const [living = '[]'] = await thread.ask({ kind: 'outbox-boots' });
  const alive = new Set<string>(JSON.parse(living));
  const dead = rows.map((row) => text(row, 'id')).filter((id) => !alive.has(id));
  if (dead.length > 0) {
    await forwarder.flush();
    await postgres.query('SELECT smallfirst_retire($1)', [dead]);
  }
  await postgres.query('SELECT smallfirst_retire_silent($1)', [SILENT_MS]);
  // Minutes of the large model's cap, which counts an hour.
  await postgres.query('SELECT smallfirst_forget_minutes($1)', [
    Math.floor(Date.now() / 60_000) - 120,
  ]);
}
