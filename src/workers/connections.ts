/**
 * Connections and who serves them. The primary holds the listening sockets, so that neither a worker's death nor its replacement
 * refuses one: what nobody takes now waits. The worker with the fewest gets the next, one at a time: who is busy is given none.
 */
import type { Socket } from 'node:net';
import type { Place } from './calls.ts';
import type { Member } from './member.ts';

export interface Connections {
  take(socket: Socket, place: Place): void;
  /** Gives what waits to who is free. */
  serve(): void;
  /** Closes what waits: nobody will serve it. */
  close(): void;
}

interface Waiting {
  readonly socket: Socket;
  readonly place: Place;
}

/** A worker, as far as it is asked here. */
type Server = Pick<Member, 'isServing' | 'isBusy' | 'connections' | 'give'>;

export function createConnections(members: () => Iterable<Server>): Connections {
  let waiting: Waiting[] = [];
  /** When each was given one the last time: of equals the one that waited longest is next. */
  const turns = new WeakMap<Server, number>();
  let turn = 0;
  const serve = (): void => {
    let at = 0;
    for (; at < waiting.length; at += 1) {
      const least = leastBusy(members(), turns);
      if (least === undefined) break;
      const { socket, place } = waiting[at]!;
      turns.set(least, (turn += 1));
      least.give(socket, place);
    }
    waiting = waiting.slice(at);
  };
  return {
    take: (socket, place) => {
      // It may break while it waits.
      socket.on('error', () => undefined);
      waiting.push({ socket, place });
      serve();
    },
    serve,
    close: () => {
      for (const { socket } of waiting) socket.destroy();
      waiting = [];
    },
  };
}

function leastBusy(members: Iterable<Server>, turns: WeakMap<Server, number>): Server | undefined {
  const before = (a: Server, b: Server): boolean =>
    a.connections() < b.connections() ||
    (a.connections() === b.connections() && (turns.get(a) ?? 0) < (turns.get(b) ?? 0));
  let least: Server | undefined;
  for (const one of members)
    if (one.isServing() && !one.isBusy() && (least === undefined || before(one, least)))
      least = one;
  return least;
}
