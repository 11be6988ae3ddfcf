/** Rate limits that replicas share, on Redis and by its clock. Losing it harms nothing: each replica goes on with its part. */
import type { RateBuckets, Taken } from '../../core/rate-limits.ts';
import type { MemoryRates } from '../memory/rates.ts';
import { partOf } from '../peers/partial-rates.ts';
import type { RedisLink } from './link.ts';

export interface RedisRates extends RateBuckets {
  /** How many share it, as far as is known here. */
  replicas(): number;
  close(): void;
}

interface RatesOptions {
  readonly link: RedisLink;
  /** What holds while Redis does not answer. */
  readonly here: MemoryRates;
  /** How many there are by another account than Redis's. */
  readonly replicas?: () => number;
}

/** The same bucket as `lib/gcra.ts`, in one step. ARGV: a minute's worth, how many, 1 = without asking. */
const TAKE = `
local t = redis.call('TIME')
local now = t[1] * 1000 + t[2] / 1000
local limit, count = tonumber(ARGV[1]), tonumber(ARGV[2])
local before = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
local after = before + count * 60000 / limit
local granted = ARGV[3] == '1' or (count <= limit and after - now <= 60000.001)
if granted then
  if after > now then
    redis.call('SET', KEYS[1], string.format('%.3f', after), 'PX', math.ceil(after - now) + 1)
  else
    redis.call('DEL', KEYS[1])
  end
end
return { granted and 1 or 0, string.format('%.3f', (granted and after or before) - now) }`;

const MINUTE_MS = 60_000;
/** Who is there says so this often, and counts for three times as long. */
const PRESENT_EVERY_MS = 5000;
const REPLICAS = 'smallfirst:replicas';

export function redisRates({ link, here, replicas: others = () => 1 }: RatesOptions): RedisRates {
  const { redis, isAlone } = link;
  const self = `${process.pid}-${Math.random().toString(36).slice(2)}`;
  let seen = 1;
  const replicas = (): number => Math.max(seen, others());
  const present = async (): Promise<void> => {
    const now = Date.now();
    seen = await link.ask(async (asked) => {
      await asked.zadd(REPLICAS, now, self);
      await asked.zremrangebyscore(REPLICAS, 0, now - 3 * PRESENT_EVERY_MS);
      return Math.max(1, await asked.zcard(REPLICAS));
    });
  };
  const saying = setInterval(() => void present().catch(() => {}), PRESENT_EVERY_MS).unref();
  redis.on('ready', () => void present().catch(() => {}));
  const part = (perMinute: number): number => partOf(perMinute, replicas());
  const run = (bucket: string, ...given: readonly number[]): Promise<unknown> =>
    link.ask((asked) => asked.eval(TAKE, 1, `smallfirst:rate:${bucket}`, ...given));
  return {
    take: (bucket, perMinute, count) => {
      const own = (): Taken => here.take(bucket, part(perMinute), count);
      if (isAlone()) return own();
      return run(bucket, perMinute, count, 0).then(
        (answer) => takenOf(answer, perMinute, count),
        own,
      );
    },
    give: (bucket, perMinute, count) => {
      if (isAlone()) here.give(bucket, part(perMinute), count);
      else run(bucket, perMinute, -count, 1).catch(() => {});
    },
    replicas,
    close: () => clearInterval(saying),
  };
}

function takenOf(answer: unknown, perMinute: number, count: number): Taken {
  const [granted, reset] = Array.isArray(answer) ? (answer as readonly unknown[]) : [];
  const isGranted = granted === 1;
  const resetMs = Number(reset);
  const each = MINUTE_MS / perMinute;
  const waitMs = count > perMinute ? Infinity : resetMs + count * each - MINUTE_MS;
  return {
    isGranted,
    remaining: Math.max(0, Math.floor((MINUTE_MS - resetMs + 0.001) / each)),
    resetMs,
    retryAfterMs: isGranted ? 0 : waitMs,
  };
}
