/** `serve`: runs the gateway until it is stopped. */
import { defineCommand } from 'citty';
import { startGateway, type RunningGateway } from '../app.ts';
import type { LedgerStats } from '../core/store.ts';
import { commandConfig } from './command-config.ts';
import { exitOnError } from './exit-on-error.ts';
import { onOrphaned } from './on-orphaned.ts';
import { onSighup } from './sighup.ts';
import { banner } from './banner.ts';

export const serveCommand = defineCommand({
  meta: { name: 'serve', description: 'The gateway (default command)' },
  args: {
    config: { type: 'string', description: 'The configuration (smallfirst.yaml of this folder)' },
  },
  run: async ({ args }) => {
    await exitOnError(() => serve(args.config));
    // After a failed start nothing that was begun, such as the loading of a model, may keep the process.
    process.exit();
  },
});

async function serve(named: string | undefined): Promise<void> {
  // A full volume or a closed pipe behind them must not end the process.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  onOrphaned(process.env, () => void process.kill(process.pid, 'SIGTERM'));
  const config = commandConfig(named);
  const stopping = new AbortController();
  const stop = (): void => stopping.abort(new Error('stopped before it was ready'));
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const gateway = await startGateway(config, { printLine, abort: stopping.signal });
  process.off('SIGINT', stop).off('SIGTERM', stop);
  process.stderr.write(banner(gateway));
  onSighup({
    reload: () => void gateway.reload(),
    stop: () => void process.kill(process.pid, 'SIGTERM'),
  });
  await untilStopped(gateway);
}

const printLine = (line: string): void => void process.stderr.write(`${line}\n`);

/** Writing everything takes under a second; on a machine that is busy, or a disk that hangs, no longer than this. */
const LAST_MS = 5_000;

/** `SIGKILL`, because an ordinary exit aborts while a model is generating. */
const kill = (): void => void process.kill(process.pid, 'SIGKILL');

/** The first signal drains; a second one cuts off what is under way and ends the process when its rows are written; a third ends it at once. */
async function untilStopped(gateway: RunningGateway): Promise<void> {
  const end = (): void => {
    gateway.cut();
    setTimeout(kill, LAST_MS);
    process.once('SIGINT', kill).once('SIGTERM', kill);
  };
  await new Promise<void>((resolve) => {
    const drain = (): void => {
      process.stderr.write('Finishing the requests under way… (again to stop at once)\n');
      process.once('SIGINT', end).once('SIGTERM', end);
      resolve();
    };
    process.once('SIGINT', drain).once('SIGTERM', drain);
  });
  const { dropped, spilled, waiting } = await gateway.close();
  if (waiting !== undefined) process.stderr.write(`${waitingLine(waiting)}\n`);
  if (spilled !== undefined) process.stderr.write(`${spilledLine(spilled)}\n`);
  if (dropped > 0) {
    process.stderr.write(
      `Records that could not be written to the ledger and are lost: ${dropped}. The log says why. What cannot be read of paid calls is charged as reserved from the next start on.\n`,
    );
  }
  process.exit(dropped === 0 && spilled === undefined ? 0 : 1);
}

const waitingLine = ({ file, rows }: NonNullable<LedgerStats['waiting']>): string =>
  `${rows} rows of the ledger could not be forwarded to Postgres. They are in ${file}, and the next start forwards them.`;

const spilledLine = ({ file, rows, nanoUsd }: NonNullable<LedgerStats['spilled']>): string =>
  `${rows} rows of the ledger, ${(nanoUsd / 1e9).toFixed(9)} USD, could not be written; the log says why. They are in ${file}, and the next start takes them in.`;
