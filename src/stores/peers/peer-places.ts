/**
 * Places that the processes of one gateway share. The primary owns them; each process holds some ahead, gives back what is idle when
 * another one asks for it, and is refused where all are taken. A request waits for the primary only where none is held here.
 */
import type { Peers } from '../../core/peers.ts';
import type { Places } from '../../core/places.ts';
import type { Soon } from '../../lib/soon.ts';
import type { Counted, Want } from './place-pools.ts';

/** Names of what the primary is told and tells: `workers/owned.ts` has the other end. */
export const PLACES = {
  want: 'places-wanted',
  back: 'places-back',
  granted: 'places-granted',
  recalled: 'places-recalled',
} as const;

/** A request that got no place within this time is refused. Twice the way to the primary and back on a very busy machine. */
const PATIENCE_MS = 250;
/** Of a limit, a process holds ahead this part of its even share. */
const AHEAD_SHARE = 0.5;

interface Held {
  readonly name: string;
  limit: number;
  held: number;
  taken: number;
  waiting: Waiting[];
  /** The primary has not answered yet. */
  isAsked: boolean;
}

interface Waiting {
  /** `bring`: a place is only to be here. */
  readonly use: 'take' | 'bring';
  readonly settle: (isThere: boolean) => void;
}

export function peerPlaces(peers: Peers): Places {
  const all = new Map<string, Held>();
  // The other ends of these names are this program's.
  peers.answer(PLACES.granted, (given) => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    const { name, count } = given as Counted;
    const one = all.get(name);
    if (one !== undefined) granted(one, count, peers);
  });
  peers.answer(PLACES.recalled, (asked) => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    const { name, count } = asked as Counted;
    const one = all.get(name);
    giveBack(one, { name, count }, peers);
    if (one?.held === 0 && one.waiting.length === 0) all.delete(name);
  });
  const heldOf = (name: string, limit: number): Held => {
    const known = all.get(name);
    if (known === undefined) {
      const one: Held = { name, limit, held: 0, taken: 0, waiting: [], isAsked: false };
      all.set(name, one);
      return one;
    }
    // Places held ahead for a higher limit may be more than this one has.
    if (known.limit !== limit) giveBack(known, { name, count: known.held }, peers);
    known.limit = limit;
    return known;
  };
  const here = (name: string, limit: number, use: Waiting['use']): Soon<boolean> => {
    const one = heldOf(name, limit);
    if (one.waiting.length > 0 || !isIdle(one)) return waited(one, use, peers);
    if (use === 'take') one.taken += 1;
    return true;
  };
  return {
    take: (name, limit) => here(name, limit, 'take'),
    bring: (name, limit) => here(name, limit, 'bring'),
    isHere: (name, limit) => isIdle(heldOf(name, limit)),
    leave: (name) => {
      const one = all.get(name);
      if (one === undefined) return;
      one.taken -= 1;
      serve(one);
    },
  };
}

const isIdle = ({ held, taken, limit }: Held): boolean => taken < Math.min(held, limit);

/** With what is needed comes what the next requests find here. */
function ask(one: Held, peers: Peers): void {
  if (one.waiting.length === 0 || one.isAsked) return;
  one.isAsked = true;
  const { name, limit, waiting } = one;
  const needed = Math.max(1, waiting.filter(({ use }) => use === 'take').length);
  const count = needed + Math.floor((AHEAD_SHARE * limit) / peers.count);
  peers.tellPrimary(PLACES.want, { name, limit, count, needed } satisfies Want);
}

function waited(one: Held, use: Waiting['use'], peers: Peers): Promise<boolean> {
  return new Promise((resolve) => {
    const waiting: Waiting = {
      use,
      settle: (isThere) => {
        clearTimeout(late);
        resolve(isThere);
      },
    };
    const late = setTimeout(() => {
      one.waiting = one.waiting.filter((other) => other !== waiting);
      resolve(false);
    }, PATIENCE_MS);
    one.waiting.push(waiting);
    ask(one, peers);
  });
}

function granted(one: Held, count: number, peers: Peers): void {
  one.isAsked = false;
  one.held += count;
  serve(one);
  if (count > 0) return ask(one, peers);
  const refused = one.waiting;
  one.waiting = [];
  for (const { settle } of refused) settle(false);
}

function serve(one: Held): void {
  while (isIdle(one)) {
    const next = one.waiting.shift();
    if (next === undefined) return;
    if (next.use === 'take') one.taken += 1;
    next.settle(true);
  }
}

/** Gives back what is wanted, or half of the idle places if that is more: a busy process should not have to ask for each. */
function giveBack(one: Held | undefined, { name, count }: Counted, peers: Peers): void {
  const idle = one === undefined ? 0 : Math.max(0, one.held - one.taken);
  const given = Math.min(idle, Math.max(count, Math.ceil(idle / 2)));
  if (one !== undefined) one.held -= given;
  peers.tellPrimary(PLACES.back, { name, count: given } satisfies Counted);
}
