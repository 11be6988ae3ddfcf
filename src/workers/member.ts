/** One worker as its primary sees it. */
import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Format } from '../telemetry/exposition.ts';
import type { ConnectionMessage, Place, PrimaryCalls, WorkerCalls } from './calls.ts';
import { openLine, type Line } from './line.ts';

export interface Member {
  readonly number: number;
  readonly pid: number | undefined;
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
  const { number, child, refused, free } = options;
  const started = Promise.withResolvers<unknown>();
  const ended = Promise.withResolvers<number | string>();
  const expositions = new Map<Format, string>();
  let state: 'starting' | 'serving' | 'full' | 'gone' = 'starting';
  let isDismissed = false;
  let hasStarted = false;
  let open = 0;
  let onItsWay: OnItsWay | undefined;
  const arrived = (isTaken: boolean): void => {
    const sent = onItsWay;
    onItsWay = undefined;
    if (sent !== undefined && isTaken) {
      open += 1;
      // The worker has a handle of its own to the same connection.
      sent.socket.destroy();
    } else if (sent !== undefined) refused(sent.socket, sent.place);
    free();
  };
  const line = openLine<PrimaryCalls, WorkerCalls>((message) => send(child, message), {
    ...options.calls(() => member),
    ready: (about) => {
      state = 'serving';
      hasStarted = true;
      started.resolve(about);
      free();
    },
    took: arrived,
    gone: (count) => {
      open -= count;
    },
    full: () => {
      state = 'full';
      free();
    },
    final: (texts) => {
      for (const { format, text } of texts) expositions.set(format, text);
    },
  });
  const member: Member = {
    number,
    pid: child.pid,
    line,
    hasStarted: () => hasStarted,
    isServing: () => state === 'serving',
    mayTake: () => state === 'starting' || state === 'serving',
    dismiss: () => {
      isDismissed = true;
      state = 'full';
      line.tell('retire', null);
    },
    isDismissed: () => isDismissed,
    connections: () => open + (onItsWay === undefined ? 0 : 1),
    isBusy: () => onItsWay !== undefined,
    give: (socket, place) => {
      onItsWay = { socket, place };
      const message: ConnectionMessage = { connection: place };
      // Kept open here until the worker says that it has it: one that dies before takes nothing with it.
      child.send(message, socket, { keepOpen: true }, () => undefined);
    },
    expositions,
    ready: started.promise,
    ended: ended.promise,
    kill: () => void child.kill('SIGKILL'),
  };
  child.on('message', (message) => void line.receive(message));
  child.once('error', (error) => ended.resolve(error.message));
  // What it still said has been read when its channel and its streams are closed.
  child.once('close', (code, signal) => {
    state = 'gone';
    line.close();
    arrived(false);
    started.resolve(undefined);
    ended.resolve(code ?? signal ?? 'unknown');
  });
  return member;
}

/** A worker that is gone takes nothing, and its end is said elsewhere. */
function send(child: ChildProcess, message: object): void {
  if (child.connected) child.send(message, () => undefined);
}
