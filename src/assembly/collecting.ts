/** Collects for distillation: masks off the path, a few at a time, and has it written to a file of its own. */
import { existsSync } from 'node:fs';
import type {
  CollectedCount,
  CollectedFilter,
  Collector,
  CollectResult,
  Exchange,
} from '../core/collect.ts';
import type { PersonalDetector } from '../core/masking.ts';
import { maskTexts } from '../masking/mask-texts.ts';
import { collectedWriter, type CollectedWriter } from '../stores/collected/collected.ts';
import type { Log } from '../telemetry/log.ts';

export interface Collecting {
  readonly collector: Collector;
  /** Since the start. */
  counts(): ReadonlyMap<CollectResult, number>;
  /** What the file holds; nothing where there is none. */
  kept(): Promise<readonly CollectedCount[]>;
  /** Undefined: nothing of such a request was collected. */
  conversationOf(requestId: string): Promise<string | undefined>;
  /** @returns how many were deleted */
  delete(filter: CollectedFilter): Promise<number>;
  /** Waits for what was taken. */
  close(): Promise<void>;
}

interface Opening {
  readonly path: string;
  readonly log: Pick<Log, 'warn'>;
  readonly detector: PersonalDetector;
  readonly writer?: CollectedWriter;
}

/** Exchanges that wait for their mask. */
const MOST_WAITING = 100;
const EXPIRE_EVERY_MS = 3_600_000;

/** Nothing is opened before the first exchange, save a file of before: what is past its time goes. */
export function openCollecting({
  path,
  log,
  detector,
  writer = collectedWriter(path),
}: Opening): Collecting {
  const counts = new Map<CollectResult, number>();
  const count = (result: CollectResult): void => {
    counts.set(result, (counts.get(result) ?? 0) + 1);
  };
  let waiting = 0;
  let last: Promise<void> = Promise.resolve();
  let hasFile = existsSync(path);
  let problem: string | undefined;
  const tell = (error: unknown): void => {
    const said = error instanceof Error ? error.message : String(error);
    if (said !== problem) log.warn(`What was collected cannot be written: ${said}`);
    problem = said;
  };
  const keep = async (exchange: Exchange): Promise<void> => {
    try {
      const masked = await maskedExchange(exchange, detector);
      if (masked === undefined) return count('unmaskable');
      await writer.add(masked);
      hasFile = true;
      problem = undefined;
      count('collected');
    } catch (error) {
      count('failed');
      tell(error);
    } finally {
      waiting -= 1;
    }
  };
  const expire = (): void => {
    if (hasFile) last = last.then(() => writer.expire(Date.now())).catch(tell);
  };
  expire();
  const timer = setInterval(expire, EXPIRE_EVERY_MS).unref();
  return {
    collector: {
      take: (exchange) => {
        if (waiting >= MOST_WAITING) return count('queue-full');
        waiting += 1;
        last = last.then(() => keep(exchange));
      },
      omitted: count,
    },
    counts: () => counts,
    // one of other processes may have made it
    kept: async () => (existsSync(path) ? await writer.counts() : []),
    conversationOf: async (id) => (existsSync(path) ? await writer.conversationOf(id) : undefined),
    delete: async (filter) => (existsSync(path) ? await writer.delete(filter) : 0),
    close: async () => {
      clearInterval(timer);
      await last;
      await writer.close();
    },
  };
}

async function maskedExchange(
  exchange: Exchange,
  detector: PersonalDetector,
): Promise<Exchange | undefined> {
  const { messages, answer } = exchange;
  const texts = await maskTexts([...messages.map(({ text }) => text), answer], detector);
  if (texts === undefined) return undefined;
  return {
    ...exchange,
    messages: messages.map(({ role }, at) => ({ role, text: texts[at] ?? '' })),
    answer: texts.at(-1) ?? '',
  };
}
