/** State that the primary keeps, since one process must have it: what is left of rate limits, and places of requests at once. */
import { performance } from 'node:perf_hooks';
import { memoryRates } from '../stores/memory/rates.ts';
import { PLACES } from '../stores/peers/peer-places.ts';
import type { Take } from '../stores/peers/peers.ts';
import { PlacePools, type Counted, type Holder, type Want } from '../stores/peers/place-pools.ts';
import type { PeerCall } from './calls.ts';
import type { Member } from './member.ts';

export interface Owned {
  /** What a worker asks, or tells. */
  answer(from: Member, call: PeerCall): unknown;
  /** It is gone, and gives back what it held. */
  departed(member: Member): void;
}

/** @param tell gives a worker this, after all news that came before */
export function ownedState(tell: (member: Member, call: PeerCall) => void): Owned {
  const rates = memoryRates(() => performance.now());
  const pools = new PlacePools();
  const holders = new Map<Member, Holder>();
  const holderOf = (member: Member): Holder => {
    const known = holders.get(member);
    if (known !== undefined) return known;
    const holder: Holder = {
      granted: (places) => tell(member, { what: PLACES.granted, body: places }),
      recalled: (places) => tell(member, { what: PLACES.recalled, body: places }),
    };
    holders.set(member, holder);
    return holder;
  };
  return {
    answer: (from, { what, body }) => {
      // What `stores/peers/peers.ts` and `stores/peers/peer-places.ts` say.
      // oxlint-disable typescript/no-unsafe-type-assertion
      switch (what) {
        case PLACES.want:
          return pools.want(holderOf(from), body as Want);
        case PLACES.back:
          return pools.back(holderOf(from), body as Counted);
        case 'take': {
          const { bucket, perMinute, count } = body as Take;
          return rates.take(bucket, perMinute, count);
        }
        case 'give': {
          const { bucket, perMinute, count } = body as Take;
          return rates.give(bucket, perMinute, count);
        }
        default:
          return undefined;
      }
      // oxlint-enable typescript/no-unsafe-type-assertion
    },
    departed: (member) => {
      const holder = holders.get(member);
      holders.delete(member);
      if (holder !== undefined) pools.departed(holder);
    },
  };
}
