/** Reports what a gateway could not write before it ended: for people, and as the exit code. */
import type { RunningGateway } from '../../app.ts';
import type { LedgerStats } from '../../core/store.ts';

/** @returns the exit code */
export function reportEnd({
  dropped,
  spilled,
  waiting,
}: Awaited<ReturnType<RunningGateway['close']>>): number {
  if (waiting !== undefined) process.stderr.write(`${waitingLine(waiting)}\n`);
  if (spilled !== undefined) process.stderr.write(`${spilledLine(spilled)}\n`);
  if (dropped > 0) {
    process.stderr.write(
      `Records that could not be written to the ledger and are lost: ${dropped}. The log says why. What cannot be read of paid calls is charged as reserved from the next start on.\n`,
    );
  }
  return dropped === 0 && spilled === undefined ? 0 : 1;
}

const waitingLine = ({ file, rows }: NonNullable<LedgerStats['waiting']>): string =>
  `${rows} rows of the ledger could not be forwarded to Postgres. They are in ${file}, and the next start forwards them.`;

const spilledLine = ({ file, rows, nanoUsd }: NonNullable<LedgerStats['spilled']>): string =>
  `${rows} rows of the ledger, ${(nanoUsd / 1e9).toFixed(9)} USD, could not be written; the log says why. They are in ${file}, and the next start takes them in.`;
