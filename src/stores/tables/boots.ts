/** Which processes that share a database are alive. */
import { hostname } from 'node:os';
import { performance } from 'node:perf_hooks';
import type { DatabaseSync } from 'node:sqlite';
import type { Boot } from '../attempts/messages.ts';

import { number, text } from '../sqlite/row.ts';

/** How often a process says that it lives. */
export const BEAT_MS = 10_000;
/** A process that has said nothing for this long is dead or hangs; what it settles later is still accepted. */
export const SILENT_MS = 6 * BEAT_MS;

export const thisBoot = (id: string): Boot => ({
  id,
  host: hostname(),
  pid: process.pid,
  startedMs: Math.round(performance.timeOrigin),
});

/** A container that starts again has its predecessor's name and number, but began later. */
export function isAlive(boot: Boot, silentMs: number, own: Boot): boolean {
  if (boot.id === own.id) return true;
  if (silentMs > SILENT_MS) return false;
  if (boot.host !== own.host) return true;
  return boot.pid === own.pid ? boot.startedMs === own.startedMs : exists(boot.pid);
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // It is there, and another user's.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Every process that has not said farewell, and when it was last heard of: milliseconds since the epoch. */
export const bootsIn = (db: DatabaseSync): readonly (Boot & { readonly seenMs: number })[] =>
  db
    .prepare('SELECT id, host, pid, started_ms, seen_ms FROM boots')
    .all()
    .map((row) => ({
      id: text(row, 'id'),
      host: text(row, 'host'),
      pid: number(row, 'pid'),
      startedMs: number(row, 'started_ms'),
      seenMs: number(row, 'seen_ms'),
    }));
