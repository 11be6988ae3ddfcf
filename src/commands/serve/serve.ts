/** Serves by the configuration, in this process or in several. */
import type { EarlyThread } from '../../early.ts';
import { commandConfig } from '../command-config.ts';
import { onOrphaned } from '../on-orphaned.ts';
import type { Sighups } from '../sighup.ts';
import { workersOf } from './count.ts';
import type { Seat } from '../../workers/calls.ts';

interface Serving {
  /** The configuration. */
  readonly named: string | undefined;
  readonly workers: string | undefined;
  /** Of one of several processes. */
  readonly seat: Seat | undefined;
  /** The ledger's thread, begun before this was loaded. */
  readonly early: EarlyThread | undefined;
  readonly sighups: Sighups;
}

/** Each is loaded where it runs: the primary of several needs no gateway. */
export async function serve({ named, workers, seat, early, sighups }: Serving): Promise<void> {
  // A full volume or a closed pipe behind them must not end the process.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  if (seat !== undefined) {
    const { serveAsWorker } = await import('./worker.ts');
    return await serveAsWorker({ named, seat, early });
  }
  onOrphaned(process.env, () => void process.kill(process.pid, 'SIGTERM'));
  const config = commandConfig(named);
  const count = workersOf(config, workers, (line) => void process.stderr.write(`${line}\n`));
  if (count === 1) {
    const { serveAlone } = await import('./alone.ts');
    return await serveAlone(config, { early, sighups });
  }
  early?.release();
  const { servePrimary } = await import('./primary.ts');
  await servePrimary(config, count, sighups);
}
