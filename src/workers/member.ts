/** One worker as its primary sees it. */
import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Format } from '../telemetry/exposition.ts';
import type { ConnectionMessage, Place, PrimaryCalls, WorkerCalls } from './calls.ts';
import { openLine, type Line } from './line.ts';

export interface Member {
  readonly number: number;
  readonly line: Line<WorkerCalls>;
  /** It has served. */
  readonly hasStarted: () => boolean;
  /** Whether connections are given to it. */
  readonly isServing: () => boolean;
  /** Whether it serves, or may soon. */
  readonly mayTake: () => boolean;
  /** Another is in its place: it gets no more connections, and ends when it has none. */
  dismiss(): void;
  readonly isDismissed: () => boolean;
  /** Connections that it has, the one on its way included. */
  readonly connections: () => number;
  /** One is on its way, and it has not said yet that it took it. */
  readonly isBusy: () => boolean;
  give(socket: Socket, place: Place): void;
  /** The last exposition that it gave, by format. */
  readonly expositions: Map<Format, string>;
  /** Resolves to what it says of itself; to undefined where it ended before. */
  readonly ready: Promise<unknown>;
  /** Resolves to the exit code, or to the name of the signal that ended it. */
  readonly ended: Promise<number | string>;
  kill(): void;
}

interface MemberOptions {
  readonly number: number;
  readonly child: ChildProcess;
  /** What it asks beyond its own state. */
  readonly calls: (
    self: () => Member,
  ) => Pick<PrimaryCalls, 'say' | 'gather' | 'own' | 'tellPeers' | 'askPeers'>;
  /** A connection that it did not take. */
  readonly refused: (socket: Socket, place: Place) => void;
  /** It may be given another. */
  readonly free: () => void;
}

interface OnItsWay {
  readonly socket: Socket;
  readonly place: Place;
}

export function createMember(options: MemberOptions): Member {
  const { child } = options;
  const member = new OneWorker(options);
  // A channel that sent a socket keeps the process no more unless this is said, and 'close' is waited for after all else has ended.
  child.channel?.ref();
  child.on('message', (message) => void member.line.receive(message));
  child.once('error', (error) => member.end(error.message));
  child.once('close', (code, signal) => member.end(code ?? signal ?? 'unknown'));
  return member;
}

class OneWorker implements Member {
  readonly number: number;
  readonly line: Line<WorkerCalls>;
  readonly expositions = new Map<Format, string>();
  readonly #options: MemberOptions;
  readonly #started = Promise.withResolvers<unknown>();
  readonly #ended = Promise.withResolvers<number | string>();
  #state: 'starting' | 'serving' | 'full' | 'gone' = 'starting';
  #hasStarted = false;
  #isDismissed = false;
  #open = 0;
  #onItsWay: OnItsWay | undefined;

  constructor(options: MemberOptions) {
    this.number = options.number;
    this.#options = options;
    this.line = openLine<PrimaryCalls, WorkerCalls>((message) => send(options.child, message), {
      ...options.calls(() => this),
      ready: (about) => {
        this.#state = 'serving';
        this.#hasStarted = true;
        this.#started.resolve(about);
        options.free();
      },
      took: (isTaken) => this.#arrived(isTaken),
      gone: (count) => {
        this.#open -= count;
      },
      full: () => {
        this.#state = 'full';
        options.free();
      },
      final: (texts) => {
        for (const { format, text } of texts) this.expositions.set(format, text);
      },
    });
  }

  get ready(): Promise<unknown> {
    return this.#started.promise;
  }

  get ended(): Promise<number | string> {
    return this.#ended.promise;
  }

  readonly hasStarted = (): boolean => this.#hasStarted;
  readonly isServing = (): boolean => this.#state === 'serving';
  readonly mayTake = (): boolean => this.#state === 'starting' || this.#state === 'serving';
  readonly isDismissed = (): boolean => this.#isDismissed;
  readonly isBusy = (): boolean => this.#onItsWay !== undefined;
  readonly connections = (): number => this.#open + (this.#onItsWay === undefined ? 0 : 1);

  dismiss(): void {
    this.#isDismissed = true;
    this.#state = 'full';
    this.line.tell('retire', null);
  }

  give(socket: Socket, place: Place): void {
    this.#onItsWay = { socket, place };
    const message: ConnectionMessage = { connection: place };
    // Kept open here until the worker says that it has it: one that dies before takes nothing with it.
    this.#options.child.send(message, socket, { keepOpen: true }, () => undefined);
  }

  kill(): void {
    this.#options.child.kill('SIGKILL');
  }

  end(how: number | string): void {
    this.#state = 'gone';
    this.line.close();
    this.#arrived(false);
    this.#started.resolve(undefined);
    this.#ended.resolve(how);
  }

  #arrived(isTaken: boolean): void {
    const sent = this.#onItsWay;
    this.#onItsWay = undefined;
    if (sent !== undefined && isTaken) {
      this.#open += 1;
      // The worker has a handle of its own to the same connection.
      sent.socket.destroy();
    } else if (sent !== undefined) this.#options.refused(sent.socket, sent.place);
    this.#options.free();
  }
}

/** A worker that is gone takes nothing, and its end is said elsewhere. */
function send(child: ChildProcess, message: object): void {
  if (child.connected) child.send(message, () => undefined);
}
