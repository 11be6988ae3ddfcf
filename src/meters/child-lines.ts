/** Reads the lines of one long-lived program, and restarts it when it ends, at most every 5 s. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { Socket } from 'node:net';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';

export interface ChildLines {
  /** Why the program does not run; undefined while it does. Restarts it when that is due. */
  problem(): string | undefined;
  /** Resolves on the next line, when the program has ended, or on `abort`. */
  first(abort: AbortSignal): Promise<void>;
  close(): void;
}

/** Why a program does not run, and since when. */
interface Ended {
  readonly why: string;
  readonly atMs: number;
}

export interface ChildOptions {
  readonly command: readonly [string, ...string[]];
  readonly onLine: (line: string) => void;
  readonly nowMs: () => number;
}

const RESTART_AFTER_MS = 5000;
const MAX_STDERR_CHARS = 200;

export function childLines({ command, onLine, nowMs }: ChildOptions): ChildLines {
  let child: ChildProcess | undefined;
  let ended: Ended | undefined;
  let isClosed = false;
  let waiting = 0;
  let nextEvent = Promise.withResolvers<void>();
  const notify = (): void => {
    nextEvent.resolve();
    nextEvent = Promise.withResolvers<void>();
  };
  const start = (): void => {
    const [program, ...args] = command;
    ended = missing(program, nowMs());
    if (ended !== undefined) return;
    const started = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    child = started;
    let stderr = '';
    const end = (why: string): void => {
      if (child !== started || isClosed) return;
      child = undefined;
      ended = { why: `${program} ${why}`, atMs: nowMs() };
      notify();
    };
    started.once('error', (error) => end(`does not start: ${error.message}`));
    started.once('close', (code) => end(`ended (${code ?? 'killed'})${stderr}`));
    started.stderr.on('data', (chunk: Buffer) => {
      stderr = `: ${chunk.toString().trim().slice(0, MAX_STDERR_CHARS)}`;
    });
    createInterface({ input: started.stdout }).on('line', (line) => {
      onLine(line);
      notify();
    });
    keepAlive(started, waiting > 0);
  };
  start();
  return {
    problem: () => {
      if (ended === undefined) return undefined;
      const { why, atMs } = ended;
      if (!isClosed && nowMs() - atMs >= RESTART_AFTER_MS) start();
      return why;
    },
    first: async (abort) => {
      const aborted = Promise.withResolvers<void>();
      abort.addEventListener('abort', () => aborted.resolve(), { once: true });
      if (abort.aborted || ended !== undefined) return;
      waiting += 1;
      keepAlive(child, waiting > 0);
      await Promise.race([nextEvent.promise, aborted.promise]);
      waiting -= 1;
      keepAlive(child, waiting > 0);
    },
    close: () => {
      isClosed = true;
      child?.kill();
    },
  };
}

/** Looked for first: to try it, the whole process is forked, which takes a starting gateway some milliseconds. Only where this can be known. */
function missing(program: string, atMs: number): Ended | undefined {
  const { PATH } = process.env;
  if (process.platform === 'win32' || PATH === undefined || program.includes('/')) return undefined;
  const isThere = PATH.split(delimiter).some((folder) => existsSync(join(folder, program)));
  return isThere
    ? undefined
    : { why: `${program} does not start: it is not in any folder of PATH`, atMs };
}

/** A child keeps this process alive only while `first` is pending. */
function keepAlive(child: ChildProcess | undefined, isHeld: boolean): void {
  for (const part of [child, child?.stdout, child?.stderr]) {
    const isPart = part === child || part instanceof Socket;
    if (!isPart || part === undefined) continue;
    if (isHeld) part.ref();
    else part.unref();
  }
}
