/** The ledger that replicas share: written to the outbox here, read from Postgres. */
import type { Feedback, Ledger } from '../../core/store.ts';
import type { SqliteLedger } from '../sqlite/ledger.ts';
import type { Postgres } from './port.ts';
import { postgresFigures } from './figures.ts';
import type { Forwarder } from './forwarder.ts';
import { postgresRecords } from './records.ts';

interface SharedLedger {
  readonly local: SqliteLedger;
  readonly forwarder: Forwarder;
  /** For lists and figures: a long one must keep no lease waiting. */
  readonly reading: Postgres;
  /** The file of the outbox; absent: what waits is lost with the process. */
  readonly file: string | undefined;
}

/** Reads wait until what was written here before is there. */
export function sharedLedger({ local, forwarder, reading, file }: SharedLedger): Ledger {
  const forwarded = async (): Promise<void> => {
    await local.flush();
    await forwarder.flush();
  };
  const after =
    <Given extends readonly unknown[], T>(read: (...given: Given) => Promise<T>) =>
    async (...given: Given): Promise<T> => {
      await forwarded();
      return await read(...given);
    };
  const records = postgresRecords(reading);
  const figures = postgresFigures(reading);
  let left = 0;
  return {
    append: local.append,
    ...(local.note && { note: local.note }),
    get: async (id) => (await local.get(id)) ?? (await records.get(id)),
    list: after(records.list),
    figures: {
      totals: after(figures.totals),
      series: after(figures.series),
      rows: after(figures.rows),
    },
    addFeedback: local.addFeedback,
    feedbackOn: after(async (requestId) => {
      const rows = await reading.query(
        'SELECT feedback FROM feedback WHERE request_id = $1 ORDER BY at_ms, caller',
        [requestId],
      );
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what `addFeedback` was given
      return rows.map(({ feedback }) => feedback as Feedback);
    }),
    addAudit: local.addAudit,
    auditsSince: after(records.auditsSince),
    stats: () => {
      const [here, there] = [local.stats(), forwarder.stats()];
      const problem = here.problem ?? there.problem;
      return {
        ...here,
        queued: here.queued + there.waiting,
        lagMs: Math.max(here.lagMs, there.lagMs),
        restarts: { ...here.restarts, forwarder: there.restarts ?? 0 },
        dropped: here.dropped + there.dropped + (file === undefined ? left : 0),
        ...(problem === undefined ? {} : { problem }),
        ...(file === undefined || left === 0 ? {} : { waiting: { file, rows: left } }),
      };
    },
    // It is durable here; that it is there too is waited for as long as that takes no failure.
    flush: () => forwarded().catch(() => {}),
    close: async () => {
      await local.flush();
      left = await forwarder.close();
      await local.close();
    },
  };
}
