/** A worker's side: its connections, what the primary asks of it, and the other workers. */
import type { Socket } from 'node:net';
import type { PeerReplies, Peers } from '../core/peers.ts';
import type {
  ConnectionMessage,
  Exposed,
  PeerCall,
  Place,
  PrimaryCalls,
  Seat,
  WorkerCalls,
} from './calls.ts';
import { openLine, type Line } from './line.ts';

/** The connections of one place, which the primary accepts. */
interface Intake {
  /** Gets each connection from now on. */
  open(take: (socket: Socket) => void): void;
  /** No more are taken. */
  close(): void;
  /** The callers are to connect anew: the next request of each is answered elsewhere. */
  readonly isLeaving: () => boolean;
  /** Resolves when none is open. */
  empty(): Promise<void>;
}

export interface Worker {
  readonly seat: Seat;
  readonly peers: Peers;
  readonly intake: (place: Place) => Intake;
  /** Another is in its place. */
  readonly leaving: AbortSignal;
  /** All workers' metrics, of which `text` are these. */
  gather(own: Exposed): Promise<string>;
  /** How its own metrics are read. */
  scrapedBy(scrape: WorkerCalls['scrape']): void;
  say(line: string): void;
  ready(about: unknown): void;
  /** The last that it counted. Resolves when the primary has it, or is gone. */
  final(own: readonly Exposed[]): Promise<void>;
  /** Called when it is to finish and end: at the first word of the primary, and where the primary is gone. */
  onDrain(drain: () => void): void;
  onCut(cut: () => void): void;
  /** Resolves when no connection is open. */
  empty(): Promise<void>;
}

/** What other processes ask, by name. */
type Answers = Map<string, (body: unknown) => unknown>;

/** The channel of a child process: `process`, where it was started with one. */
export interface Channel {
  send(message: object): void;
  onMessage(take: (message: unknown, handle: Socket | undefined) => void): void;
  onGone(take: () => void): void;
}

/** All that peers are waited for in the primary, beside what it takes to ask it. */
const ON_THE_WAY_MS = 20;
const GATHER_MS = 3000;

const NOTHING_YET: WorkerCalls['scrape'] = async () => '';

export function openWorker(seat: Seat, channel: Channel): Worker {
  const leaving = new AbortController();
  const draining = new AbortController();
  const cutting = new AbortController();
  const answers: Answers = new Map();
  let scrape = NOTHING_YET;
  const line = openLine<WorkerCalls, PrimaryCalls>(channel.send, {
    scrape: async (format) => await scrape(format),
    retire: () => leaving.abort(),
    drain: () => draining.abort(),
    cut: () => cutting.abort(),
    alive: () => undefined,
    peer: ({ what, body }) => answers.get(what)?.(body),
    news: (calls) => {
      for (const { what, body } of calls) void answers.get(what)?.(body);
    },
  });
  const connections = takenConnections(line, leaving.signal);
  channel.onMessage((message, handle) => {
    if (handle === undefined) line.receive(message);
    else connections.take(message, handle);
  });
  channel.onGone(() => {
    line.close();
    draining.abort();
  });
  return {
    seat,
    leaving: leaving.signal,
    intake: connections.intake,
    empty: connections.empty,
    peers: peersOf(seat, answers, line),
    gather: async (own) => await line.ask('gather', own, GATHER_MS),
    scrapedBy: (given) => {
      scrape = given;
    },
    say: (text) => line.tell('say', text),
    ready: (about) => line.tell('ready', about),
    final: async (own) => await line.ask('final', own, GATHER_MS).catch(() => undefined),
    onDrain: (drain) => onAbort(draining.signal, drain),
    onCut: (cut) => onAbort(cutting.signal, cut),
  };
}

function onAbort(signal: AbortSignal, then: () => void): void {
  if (signal.aborted) then();
  else signal.addEventListener('abort', then, { once: true });
}

const NOBODY: PeerReplies = { answers: [], isComplete: false };

function peersOf({ number, count }: Seat, answers: Answers, line: Line<PrimaryCalls>): Peers {
  return {
    number,
    count,
    answer: (what, handler) => void answers.set(what, handler),
    tell: (what, body) => line.tell('tellPeers', { what, body }),
    ask: async (what, body, ms) => {
      const call: PeerCall & { readonly ms: number } = { what, body, ms };
      return await line.ask('askPeers', call, ms + ON_THE_WAY_MS).catch(() => NOBODY);
    },
    askPrimary: async (what, body, ms) => await line.ask('own', { what, body }, ms),
    tellPrimary: (what, body) => line.tell('own', { what, body }),
  };
}

/** Counts what is open, and tells the primary what was closed: it gives the next to who has the fewest. */
function takenConnections(line: Line<PrimaryCalls>, leaving: AbortSignal) {
  const takers = new Map<Place, (socket: Socket) => void>();
  let open = 0;
  let closed = 0;
  let waiting: (() => void)[] = [];
  const tellClosed = (): void => {
    line.tell('gone', closed);
    closed = 0;
  };
  const left = (): void => {
    open -= 1;
    if (closed === 0) setImmediate(tellClosed);
    closed += 1;
    if (open > 0) return;
    for (const resolve of waiting) resolve();
    waiting = [];
  };
  const empty = (): Promise<void> =>
    open === 0 ? Promise.resolve() : new Promise((resolve) => void waiting.push(resolve));
  return {
    empty,
    take: (message: unknown, socket: Socket): void => {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion
      const take = takers.get((message as ConnectionMessage).connection);
      line.tell('took', take !== undefined);
      if (take === undefined) {
        socket.destroy();
        return;
      }
      open += 1;
      socket.once('close', left);
      take(socket);
    },
    intake: (place: Place): Intake => ({
      open: (take) => void takers.set(place, take),
      close: () => {
        takers.delete(place);
        line.tell('full', null);
      },
      isLeaving: () => leaving.aborted,
      empty,
    }),
  };
}
