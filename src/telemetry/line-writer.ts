/**
 * Lines to a file descriptor, in batches, off the thread that serves requests. Its file may be full, closed or stand still:
 * then lines are dropped and counted, and nothing waits.
 */
import { write, writeSync } from 'node:fs';
import type { DestinationStream } from 'pino';
import { createBatcher } from '../lib/batches.ts';

/** Lines are written in batches: a system call per line costs more than formatting it. */
const BATCH = { maxSize: 128, waitMs: 200 };
/** What waits for a reader that is slow; some 20,000 lines. */
const MOST_WAITING_BYTES = 16 * 1024 * 1024;
/** After a failure, until the next try. */
const RETRY_MS = 5_000;
/** A pipe that is full says so instead of waiting. */
const BUSY_MS = 20;

const NOTHING = Buffer.alloc(0);

export interface LineWriter extends DestinationStream {
  /** Lines that were lost since the start. */
  dropped(): number;
  /** Writes out what is buffered, trying once. */
  close(): void;
}

interface WriterOptions {
  readonly fd: number;
  /** Told once when writing fails, and once when it works again. */
  readonly say: (line: string) => void;
  /** In place of `fs.write`. */
  readonly writeFile?: Write;
}

type Write = (
  fd: number,
  bytes: Buffer,
  done: (error: NodeJS.ErrnoException | null, written: number) => void,
) => void;

/** Also writes when the process exits: the last lines before a crash say why. */
export function lineWriter({ fd, say, writeFile = write }: WriterOptions): LineWriter {
  const writer = new FileLines(fd, say, writeFile);
  const { add, flush } = createBatcher<string>(BATCH, (lines) => writer.put(lines));
  const writeOut = (): void => {
    flush();
    writer.finish();
  };
  process.once('exit', writeOut);
  return {
    write: add,
    dropped: () => writer.dropped,
    close: () => {
      process.removeListener('exit', writeOut);
      writeOut();
    },
  };
}

class FileLines {
  dropped = 0;
  readonly #fd: number;
  readonly #say: (line: string) => void;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #isWriting = false;
  /** What a full pipe did not take; it is tried again soon. */
  #refused: Buffer = NOTHING;
  #failedAtMs: number | undefined;

  readonly #writeFile: Write;

  constructor(fd: number, say: (line: string) => void, writeFile: Write) {
    this.#fd = fd;
    this.#say = say;
    this.#writeFile = writeFile;
  }

  put(lines: readonly string[]): void {
    const isFailing = this.#failedAtMs !== undefined && Date.now() - this.#failedAtMs < RETRY_MS;
    if (isFailing || this.#waitingBytes > MOST_WAITING_BYTES) {
      this.dropped += lines.length;
      return;
    }
    const bytes = Buffer.from(lines.join(''));
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (!this.#isWriting) this.#next();
  }

  /** At the process's end, when nothing can be awaited: one try, whatever comes of it. */
  finish(): void {
    const rest = Buffer.concat([this.#refused, ...this.#waiting]);
    this.#refused = NOTHING;
    this.#waiting = [];
    this.#waitingBytes = 0;
    if (rest.length === 0) return;
    try {
      writeSync(this.#fd, rest);
    } catch {
      this.dropped += linesIn(rest);
    }
  }

  #next(): void {
    if (this.#waiting.length === 0) return;
    const bytes = this.#waiting.length === 1 ? this.#waiting[0]! : Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#isWriting = true;
    this.#write(bytes);
  }

  #write(bytes: Buffer): void {
    this.#writeFile(this.#fd, bytes, (error, written) => {
      if (error === null) this.#wrote(bytes, written);
      else if (error.code === 'EAGAIN') this.#later(bytes);
      else this.#lost(bytes, error);
    });
  }

  #later(bytes: Buffer): void {
    this.#refused = bytes;
    setTimeout(() => {
      const rest = this.#refused;
      this.#refused = NOTHING;
      if (rest.length > 0) this.#write(rest);
    }, BUSY_MS).unref();
  }

  #wrote(bytes: Buffer, written: number): void {
    if (written < bytes.length) {
      this.#write(bytes.subarray(written));
      return;
    }
    if (this.#failedAtMs !== undefined)
      this.#say(`The log is written again; ${this.dropped} lines were lost.`);
    this.#failedAtMs = undefined;
    this.#isWriting = false;
    this.#next();
  }

  #lost(bytes: Buffer, error: NodeJS.ErrnoException): void {
    if (this.#failedAtMs === undefined)
      this.#say(
        `The log cannot be written (${error.code ?? error.message}); lines are lost until it can. Requests go on.`,
      );
    this.#failedAtMs = Date.now();
    this.dropped += linesIn(bytes) + this.#waiting.reduce((sum, one) => sum + linesIn(one), 0);
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#isWriting = false;
  }
}

function linesIn(bytes: Buffer): number {
  let count = 0;
  for (const byte of bytes) if (byte === 10) count += 1;
  return count;
}
