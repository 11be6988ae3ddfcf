/**
 * Places that several processes share, as the one that owns them sees it: who holds how many of each limit. A process holds some
 * ahead of its requests, so that these wait for nobody; what it holds idle is called back when another one has none.
 */

/** A process, as far as it holds places. Nothing that it is told may be lost: what is granted is held from then on. */
export interface Holder {
  /** None: all are taken. */
  granted(places: Counted): void;
  /** So many are wanted elsewhere. It is to answer with `back`, also where it has none idle. */
  recalled(places: Counted): void;
}

export interface Counted {
  readonly name: string;
  readonly count: number;
}

export interface Want extends Counted {
  readonly limit: number;
  /** So many requests wait: what others hold idle is called back for them, and not for what is to be held ahead. */
  readonly needed: number;
}

interface Pool {
  limit: number;
  readonly held: Map<Holder, number>;
  /** How many each waits for. */
  readonly waiting: Map<Holder, number>;
  /** Who has not answered yet. */
  readonly recalled: Set<Holder>;
}

export class PlacePools {
  readonly #pools = new Map<string, Pool>();

  want(holder: Holder, { name, limit, count, needed }: Want): void {
    const pool = this.#poolOf(name, limit);
    const most = Math.min(count, freeOf(pool));
    if (most > 0) {
      grant(pool, holder, { name, count: most });
      return;
    }
    pool.waiting.set(holder, count);
    for (const other of pool.held.keys()) {
      if (other === holder || pool.recalled.has(other)) continue;
      pool.recalled.add(other);
      // Of a limit that was lowered more may be held than there are.
      other.recalled({ name, count: needed - freeOf(pool) });
    }
    this.#serve(name, pool);
  }

  /** Gives back what is idle, or says that nothing is. */
  back(holder: Holder, { name, count }: Counted): void {
    const pool = this.#pools.get(name);
    if (pool === undefined) return;
    hold(pool, holder, -count);
    pool.recalled.delete(holder);
    this.#serve(name, pool);
  }

  /** It is gone, and what it held is free. */
  departed(holder: Holder): void {
    for (const [name, pool] of this.#pools) {
      pool.held.delete(holder);
      pool.waiting.delete(holder);
      pool.recalled.delete(holder);
      this.#serve(name, pool);
    }
  }

  #poolOf(name: string, limit: number): Pool {
    const known = this.#pools.get(name);
    if (known === undefined) {
      const pool: Pool = { limit, held: new Map(), waiting: new Map(), recalled: new Set() };
      this.#pools.set(name, pool);
      return pool;
    }
    known.limit = limit;
    return known;
  }

  #serve(name: string, pool: Pool): void {
    const { waiting, recalled, held } = pool;
    for (const [holder, wanted] of waiting) {
      const count = Math.min(wanted, Math.ceil(freeOf(pool) / waiting.size));
      if (count <= 0) break;
      waiting.delete(holder);
      grant(pool, holder, { name, count });
    }
    if (recalled.size > 0) return;
    for (const holder of waiting.keys()) holder.granted({ name, count: 0 });
    waiting.clear();
    if (held.size === 0) this.#pools.delete(name);
  }
}

const freeOf = ({ limit, held }: Pool): number =>
  limit - [...held.values()].reduce((sum, count) => sum + count, 0);

function hold({ held }: Pool, holder: Holder, count: number): void {
  const now = (held.get(holder) ?? 0) + count;
  if (now > 0) held.set(holder, now);
  else held.delete(holder);
}

function grant(pool: Pool, holder: Holder, given: Counted): void {
  hold(pool, holder, given.count);
  holder.granted(given);
}
