/** One long-lived program whose lines are read as they come; started again, not too often, when it ends. */
import { spawn, type ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';
import { createInterface } from 'node:readline';

export interface ChildLines {
  /** Why there is nothing to hear just now; undefined while it runs. Starts it again when it is time. */
  problem(): string | undefined;
  /** Resolves when a line has come, the program has ended, or `abort` says so. */
  first(abort: AbortSignal): Promise<void>;
  close(): void;
}

export interface ChildOptions {
  readonly command: readonly [string, ...string[]];
  readonly onLine: (line: string) => void;
  readonly nowMs: () => number;
}

const RESTART_AFTER_MS = 5000;
const KEPT_COMPLAINT = 200;

export function childLines({ command, onLine, nowMs }: ChildOptions): ChildLines {
  let child: ChildProcess | undefined;
  let ended: { readonly why: string; readonly atMs: number } | undefined;
  let isClosed = false;
  let waiting = 0;
  let news = Promise.withResolvers<void>();
  const tell = (): void => {
    news.resolve();
    news = Promise.withResolvers<void>();
  };
  const start = (): void => {
    const [program, ...args] = command;
    ended = undefined;
    const started = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    child = started;
    let complaint = '';
    const end = (why: string): void => {
      if (child !== started || isClosed) return;
      child = undefined;
      ended = { why: `${program} ${why}`, atMs: nowMs() };
      tell();
    };
    started.once('error', (error) => end(`does not start: ${error.message}`));
    started.once('close', (code) => end(`ended (${code ?? 'killed'})${complaint}`));
    started.stderr.on('data', (chunk: Buffer) => {
      complaint = `: ${chunk.toString().trim().slice(0, KEPT_COMPLAINT)}`;
    });
    createInterface({ input: started.stdout }).on('line', (line) => {
      onLine(line);
      tell();
    });
    hold(started, waiting > 0);
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
      hold(child, true);
      await Promise.race([news.promise, aborted.promise]);
      waiting -= 1;
      hold(child, waiting > 0);
    },
    close: () => {
      isClosed = true;
      child?.kill();
    },
  };
}

/** A program keeps this process alive while somebody waits for its first line, and no longer. */
function hold(child: ChildProcess | undefined, isHeld: boolean): void {
  for (const part of [child, child?.stdout, child?.stderr]) {
    const isPart = part === child || part instanceof Socket;
    if (!isPart || part === undefined) continue;
    if (isHeld) part.ref();
    else part.unref();
  }
}
