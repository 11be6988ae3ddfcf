/**
 * The health of upstreams, shared by several processes. Each process tells the others how its attempts ended, and they count them as their
 * own, so breakers open and close for all. Only one process at a time has permission to try an open breaker (`core/places.ts`).
 */
import type { Call } from '../core/call.ts';
import { PEER_DEPARTED, PEER_JOINED, type Peers } from '../core/peers.ts';
import type { Places } from '../core/places.ts';
import { createBatcher } from '../lib/batches.ts';
import { allKnown, type Soon } from '../lib/soon.ts';
import type { Leave } from './breaker.ts';
import { LocalHealth, type Health, type HealthNews, type HealthOptions } from './health.ts';
import type { HealthEvent, KeptUpstream, UpstreamHealth } from './upstream-health.ts';

export interface SharedHealth extends Health {
  /**
   * Has leave brought here to try what this request may try; undefined where there is nothing to wait for. What does not come in time
   * counts as tried by another process.
   */
  ready(call: Pick<Call, 'caller' | 'stateDeadline'>): Promise<unknown> | undefined;
}

/** Attempts that ended well where nothing is ill, or nothing but a change of what is in flight. */
type Told = { readonly answered: number } | HealthEvent;

/** What a process tells the others, as one text. */
interface News {
  readonly from: number;
  /** By upstream, all that it has. */
  readonly inFlight: Readonly<Record<string, number>>;
  readonly callers: readonly string[];
  readonly told: readonly (readonly [upstream: string, told: Told])[];
  /** For a process that begins to serve. */
  readonly kept?: {
    readonly to: number;
    readonly upstreams: readonly (readonly [string, KeptUpstream])[];
  };
}

const NEWS = 'health';
/** Of a busy process, some hundred attempts; how long the others know less than this one. */
const BATCH = { maxSize: 512, waitMs: 20 };

interface SharedOptions extends Omit<HealthOptions, 'news' | 'leave'> {
  /** Called with every upstream each time that the others' attempts in flight are told. */
  readonly counted?: (upstreams: ReadonlyMap<string, Pick<UpstreamHealth, 'elsewhere'>>) => void;
}

export function sharedHealth(options: SharedOptions, peers: Peers, places: Places): SharedHealth {
  const own = new LocalHealth({ ...options, news: newsTo(() => told), leave: leaveFrom(places) });
  const told = teller(own, peers, options.nowMs);
  hear(own, peers, { told, nowMs: options.nowMs, counted: options.counted });
  return Object.assign(own, {
    ready: ({ caller, stateDeadline }: Parameters<SharedHealth['ready']>[0]) => {
      const asked: Soon<unknown>[] = [];
      for (const one of own.all().values())
        if (!one.isWell()) asked.push(...one.ready(caller.name, options.nowMs()));
      const brought = allKnown(asked);
      if (!(brought instanceof Promise)) return undefined;
      const known = stateDeadline.known('breakers', brought, () => []);
      return known instanceof Promise ? known : undefined;
    },
  });
}

/** A process that holds the permission unused may try; it passes to the next process that asks. */
const leaveFrom =
  (places: Places): NonNullable<HealthOptions['leave']> =>
  (what): Leave => {
    const name = `try:${what.filter((part) => part !== undefined).join('\n')}`;
    return { isHere: () => places.isHere(name, 1), bring: () => places.bring(name, 1) };
  };

interface Teller {
  add(upstream: string, told: Told): void;
  /** Tells now. */
  flush(): void;
  /** All that a process is to know that begins to serve. */
  welcome(number: number): void;
}

const newsTo = (told: () => Teller): HealthNews => ({
  passed: (upstream) => told().add(upstream, { answered: 0 }),
  answered: (upstream) => told().add(upstream, { answered: 1 }),
  happened: (upstream, event) => {
    told().add(upstream, event);
    // Before leave to try goes elsewhere, it must be known there that this one tries.
    if (event.kind === 'started') told().flush();
  },
});

function teller(own: LocalHealth, peers: Peers, nowMs: () => number): Teller {
  let callers = 0;
  const tell = (news: Pick<News, 'told' | 'kept' | 'callers'>): void => {
    const inFlight = Object.fromEntries([...own.all()].map(([name, one]) => [name, one.inFlight]));
    peers.tell(NEWS, JSON.stringify({ from: peers.number, inFlight, ...news } satisfies News));
  };
  const batches = createBatcher<readonly [string, Told]>(BATCH, (batch) => {
    const seen = own.seen();
    tell({ told: summed(batch), callers: seen.slice(callers) });
    callers = seen.length;
  });
  return {
    add: (upstream, told) => batches.add([upstream, told]),
    flush: batches.flush,
    welcome: (to) => {
      const upstreams = [...own.all()].map(([name, one]) => [name, one.kept(nowMs())] as const);
      tell({ told: [], callers: own.seen(), kept: { to, upstreams } });
    },
  };
}

/** In order, those that ended well one after the other as their number. */
function summed(batch: readonly (readonly [string, Told])[]): News['told'] {
  const sums: [string, Told][] = [];
  for (const [upstream, told] of batch) {
    const last = sums.at(-1);
    if (!('answered' in told)) sums.push([upstream, told]);
    else if (told.answered === 0) continue;
    else if (last?.[0] === upstream && 'answered' in last[1])
      last[1] = { answered: last[1].answered + told.answered };
    else sums.push([upstream, told]);
  }
  return sums;
}

interface Hearing {
  readonly told: Teller;
  readonly nowMs: () => number;
  readonly counted: SharedOptions['counted'];
}

function hear(own: LocalHealth, peers: Peers, { told, nowMs, counted }: Hearing): void {
  /** By process, what each has in flight. */
  const inFlight = new Map<number, News['inFlight']>();
  const count = (): void => {
    for (const [name, one] of own.all()) {
      one.elsewhere = 0;
      for (const theirs of inFlight.values()) one.elsewhere += theirs[name] ?? 0;
    }
    counted?.(own.all());
  };
  peers.answer(NEWS, (text) => {
    // What `teller` of another process wrote.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    const news = JSON.parse(text as string) as News;
    const now = nowMs();
    for (const caller of news.callers) own.saw(caller);
    for (const [upstream, one] of news.told) {
      if ('answered' in one) own.of(upstream).answered(one.answered, now);
      else own.of(upstream).take(one, now, news.from);
    }
    for (const [upstream, kept] of news.kept?.to === peers.number ? news.kept.upstreams : [])
      own.of(upstream).adopt(kept, now);
    for (const upstream of Object.keys(news.inFlight)) own.of(upstream);
    inFlight.set(news.from, news.inFlight);
    count();
  });
  peers.answer(PEER_DEPARTED, (number) => {
    if (typeof number !== 'number') return;
    inFlight.delete(number);
    count();
    for (const one of own.all().values()) one.departed(number);
  });
  peers.answer(PEER_JOINED, (number) => {
    if (typeof number === 'number') told.welcome(number);
  });
}
