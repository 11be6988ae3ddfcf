/** A gateway in a process of its own, asked for minutes while one in ten requests meets a fault; what it kept, lost and grew by. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { UsageRecord } from '../../src/core/record.ts';
import { percentile, slope } from '../bench/statistics.ts';
import { startGateway } from '../support/gateway-process.ts';
import { callFor } from './callers.ts';
import { startFaultyPair } from './faults.ts';

export interface SoakFigures {
  readonly minutes: number;
  readonly perSecond: number;
  readonly asked: number;
  readonly good: number;
  readonly left: number;
  readonly held: number;
  readonly others: Readonly<Record<string, number>>;
  /** Of those that nobody left. */
  readonly successShare: number;
  /** Of each third of those that were answered. */
  readonly p50Ms: readonly number[];
  readonly p99Ms: readonly number[];
  /** After a third of the time, of the least that was used in each tenth of it. */
  readonly heapMbPerMinute: number;
  readonly rssMb: readonly [first: number, last: number];
  readonly descriptors: readonly [first: number, last: number];
  readonly timers: readonly [first: number, last: number];
  /** Calls that the records tell of, and calls that arrived, by upstream. */
  readonly told: Readonly<Record<string, number>>;
  readonly arrived: Readonly<Record<string, number>>;
  readonly records: number;
}

interface Sample {
  readonly minute: number;
  readonly heapMb: number;
  readonly rssMb: number;
  readonly descriptors: number;
  readonly timers: number;
}

const MB = 1_000_000;
const SAMPLES = 200;
/** Each is one point of the heap's slope. */
const WINDOWS = 10;

export async function soak(minutes: number, perSecond: number): Promise<SoakFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'smallfirst-soak-'));
  const pair = await startFaultyPair();
  const file = join(folder, 'smallfirst.yaml');
  await writeFile(file, configOf(pair.local.url, pair.cloud.url));
  const gateway = await startGateway(file, { NODE_OPTIONS: '--max-semi-space-size=16' });
  const ms = minutes * 60_000;
  const samples: Sample[] = [];
  const over = new AbortController();
  const sampling = sampleEvery(ms / SAMPLES, gateway.url, samples, over.signal);
  const seen = await callFor(new URL(gateway.url), ms, perSecond);
  // What was idle at the start is compared with what is idle at the end.
  await wait(2000);
  over.abort();
  await sampling;
  const { told, records } = await toldOf(gateway.url);
  await gateway.stop();
  await pair.close();
  await rm(folder, { recursive: true });
  const { asked, good, left, held, waits, others } = seen;
  const ends = (pick: keyof Sample) =>
    [samples[Math.floor(samples.length / 3)]?.[pick] ?? 0, samples.at(-1)?.[pick] ?? 0] as const;
  return {
    minutes,
    perSecond,
    asked,
    good,
    left,
    held,
    others: Object.fromEntries(others),
    successShare: good / (asked - left),
    p50Ms: thirds(waits).map((third) => percentile(third, 0.5)),
    p99Ms: thirds(waits).map((third) => percentile(third, 0.99)),
    heapMbPerMinute: slope(lowest(samples.slice(Math.floor(samples.length / 3)))),
    rssMb: ends('rssMb'),
    descriptors: ends('descriptors'),
    timers: ends('timers'),
    told,
    arrived: pair.arrived,
    records,
  };
}

/** Stored responses have a quarter of it: their cache is full after some 10,000 of them, so that what grows afterwards is something else. */
const MEMORY_BYTES = 64 * 1024 * 1024;

const configOf = (local: string, cloud: string): string => `
store: { kind: sqlite, path: state.db }
log: { level: silent }
limits: { maxBufferedBytes: ${MEMORY_BYTES} }
judge: { deep: off }
policy: default
upstreams:
  - { name: local, kind: openai, locality: local, url: ${local}, model: slm, timeouts: { firstByteMs: 30000, idleMs: 30000 } }
  - { name: cloud, kind: openai, locality: cloud, url: ${cloud}, model: gpt-4o, price: { inputUsdPerMillion: 1, outputUsdPerMillion: 2 }, timeouts: { firstByteMs: 30000, idleMs: 30000 } }
`;

async function sampleEvery(
  ms: number,
  url: string,
  into: Sample[],
  over: AbortSignal,
): Promise<void> {
  const started = performance.now();
  while (!over.aborted) {
    const text = await (await fetch(`${url}/metrics`)).text();
    into.push(sampleOf(text, (performance.now() - started) / 60_000));
    await wait(ms, undefined, { signal: over }).catch(() => {});
  }
  const last = await (await fetch(`${url}/metrics`)).text();
  into.push(sampleOf(last, (performance.now() - started) / 60_000));
}

function sampleOf(metrics: string, minute: number): Sample {
  const value = (name: string): number =>
    Number(metrics.split('\n').find((line) => line.startsWith(`${name} `))?.split(' ')[1] ?? 0);
  return {
    minute,
    heapMb: value('nodejs_heap_size_used_bytes') / MB,
    rssMb: value('process_resident_memory_bytes') / MB,
    descriptors: value('process_open_fds'),
    timers: value('nodejs_active_resources{type="Timeout"}'),
  };
} // prettier-ignore

const thirds = (values: readonly number[]): readonly (readonly number[])[] =>
  [0, 1, 2].map((third) =>
    values.slice((third * values.length) / 3, ((third + 1) * values.length) / 3),
  );

/** What is left after a collection: the least of each window. */
function lowest(samples: readonly Sample[]): readonly (readonly [number, number])[] {
  const size = Math.max(1, Math.ceil(samples.length / WINDOWS));
  return Array.from({ length: Math.ceil(samples.length / size) }, (_, at) => {
    const window = samples.slice(at * size, (at + 1) * size);
    const least = window.toSorted((a, b) => a.heapMb - b.heapMb)[0];
    return [least?.minute ?? 0, least?.heapMb ?? 0] as const;
  });
}

/** Calls by upstream over all records; attempts that were refused here reached nobody. */
async function toldOf(url: string): Promise<Pick<SoakFigures, 'told' | 'records'>> {
  const told: Record<string, number> = {};
  let records = 0;
  let cursor: string | undefined;
  do {
    const query = new URLSearchParams({ limit: '1000', ...(cursor === undefined ? {} : { cursor }) });
    const answer = await fetch(`${url}/admin/requests?${String(query)}`);
    const page = (await answer.json()) as { records: readonly UsageRecord[]; next?: string };
    for (const { attempts } of page.records)
      for (const { upstream, egressBytes } of attempts)
        if (egressBytes > 0) told[upstream] = (told[upstream] ?? 0) + 1;
    records += page.records.length;
    cursor = page.next;
  } while (cursor !== undefined);
  return { told, records };
} // prettier-ignore
