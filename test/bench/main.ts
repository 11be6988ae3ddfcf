/**
 * The gateway beside a bare proxy and Portkey's gateway, interleaved in one run: `npm run bench`.
 * `--quick` makes every part short, to see that it works; `--json FILE` says where the figures go; `--only cpu` or `--only clock`
 * leaves the other half out; `--litellm` adds LiteLLM's proxy to the rounds of processor time; `--compare PATH` adds another checkout of the gateway; `--same PATH` compares its answers instead.
 */
import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { litellmPython } from './litellm.ts';
import { load } from './load.ts';
import { compareAnswers } from './same.ts';
import { cpuTable, measureCpu, type CpuFigures, type CpuPlan } from './cpu.ts';
import { residentMb, watchMemory } from './memory.ts';
import {
  table,
  type ClockFigures,
  type MemorySlope,
  type ServerFigures,
  type StreamFigures,
} from './report.ts';
import { startServers, type BenchServer } from './servers.ts';
import { median, percentile, slope } from './statistics.ts';
import { streamsInTurn, streamsTogether } from './streams.ts';
import { processNs } from './threads.ts';

interface Plan {
  readonly rounds: number;
  readonly warmUpRequests: number;
  readonly throughputSeconds: number;
  readonly singleRequests: number;
  readonly firstTokenStreams: number;
  readonly streams: number;
  readonly streamSeconds: number;
  readonly memoryRequests: number;
  readonly cpu: CpuPlan;
}

const FULL: Plan = {
  rounds: 7,
  warmUpRequests: 4_000,
  throughputSeconds: 4,
  singleRequests: 800,
  firstTokenStreams: 200,
  streams: 300,
  streamSeconds: 60,
  memoryRequests: 100_000,
  cpu: { rounds: 10, seconds: 2, warmUpSeconds: 8 },
};
const QUICK: Plan = {
  rounds: 2,
  warmUpRequests: 300,
  throughputSeconds: 1,
  singleRequests: 100,
  firstTokenStreams: 30,
  streams: 50,
  streamSeconds: 3,
  memoryRequests: 5_000,
  cpu: { rounds: 2, seconds: 1, warmUpSeconds: 1 },
};
const CONCURRENCY = 32;
const TOKEN_MS = 50;

/** What a server did in one round. */
interface Round {
  readonly perSecond: number;
  /** Processor time of the server for a request, microseconds, all threads. */
  readonly cpuUs: number;
  readonly errors: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly firstTokenMs: number;
  readonly rssMb: number;
}

async function round(server: BenchServer, plan: Plan): Promise<Round> {
  const watch = watchMemory(server.pid);
  const before = processNs(server.pid);
  const busy = await load(server, { concurrency: CONCURRENCY, seconds: plan.throughputSeconds });
  const ranNs = processNs(server.pid).all - before.all;
  const rssMb = watch.stop();
  const alone = await load(server, { concurrency: 1, requests: plan.singleRequests });
  const streams = await streamsInTurn(server, plan.firstTokenStreams, { chunks: 5, intervalMs: 0 });
  const damaged = streams.filter(({ damage }) => damage !== undefined).length;
  return {
    perSecond: busy.requests / busy.seconds,
    cpuUs: ranNs / busy.requests / 1000,
    errors: busy.errors + alone.errors + damaged,
    p50Ms: percentile(alone.latenciesMs, 0.5),
    p99Ms: percentile(alone.latenciesMs, 0.99),
    firstTokenMs: median(streams.map(({ firstTokenMs }) => firstTokenMs)),
    rssMb,
  };
}

async function interleaved(
  servers: readonly BenchServer[],
  plan: Plan,
): Promise<readonly ServerFigures[]> {
  const rounds = new Map<string, Round[]>(servers.map(({ name }) => [name, []]));
  for (const server of servers)
    await load(server, { concurrency: CONCURRENCY, requests: plan.warmUpRequests });
  for (let index = 0; index < plan.rounds; index += 1)
    for (const server of servers) {
      const measured = await round(server, plan);
      rounds.get(server.name)?.push(measured);
      say(
        `round ${index + 1}/${plan.rounds} ${server.name}: ${measured.perSecond.toFixed(0)} requests/s`,
      );
    }
  return servers.map(({ name }) => figuresOf(name, rounds.get(name) ?? []));
}

function figuresOf(name: string, rounds: readonly Round[]): ServerFigures {
  const of = (pick: (round: Round) => number) => rounds.map(pick);
  const perSecond = of((r) => r.perSecond);
  return {
    name,
    perSecond: median(perSecond),
    perSecondLow: Math.min(...perSecond),
    perSecondHigh: Math.max(...perSecond),
    cpuUs: median(of((r) => r.cpuUs)),
    p50Ms: median(of((r) => r.p50Ms)),
    p99Ms: median(of((r) => r.p99Ms)),
    worstP99Ms: Math.max(...of((r) => r.p99Ms)),
    firstTokenMs: median(of((r) => r.firstTokenMs)),
    rssMb: Math.max(...of((r) => r.rssMb)),
    errors: of((r) => r.errors).reduce((sum, errors) => sum + errors, 0),
  };
}

async function manyStreams(server: BenchServer, plan: Plan): Promise<StreamFigures> {
  const shape = { chunks: (plan.streamSeconds * 1000) / TOKEN_MS, intervalMs: TOKEN_MS };
  const watch = watchMemory(server.pid);
  const before = processNs(server.pid);
  const results = await streamsTogether(server, plan.streams, shape);
  const after = processNs(server.pid);
  const lateness = results.flatMap(({ latenessMs }) => latenessMs);
  const damages = results.flatMap(({ damage }) => damage ?? []);
  return {
    name: server.name,
    streams: plan.streams,
    seconds: plan.streamSeconds,
    chunks: lateness.length,
    damaged: damages.length,
    damages: [...new Set(damages)].slice(0, 5),
    latenessP50Ms: percentile(lateness, 0.5),
    latenessP99Ms: percentile(lateness, 0.99),
    latenessMaxMs: percentile(lateness, 1),
    mainUs: (after.main - before.main) / lateness.length / 1000,
    allUs: (after.all - before.all) / lateness.length / 1000,
    rssMb: watch.stop(),
  };
}

/** Resident memory every twentieth of the way; the slope over the second half, when caches and pools are full. */
async function memoryOver(
  server: BenchServer,
  requests: number,
  recorded: () => number,
): Promise<MemorySlope> {
  const points: (readonly [number, number])[] = [[0, residentMb(server.pid)]];
  const step = requests / 20;
  const recordedBefore = await settled(recorded);
  const { errors } = await load(server, {
    concurrency: CONCURRENCY,
    requests,
    onProgress: (done) => {
      if (done % step === 0) points.push([done, residentMb(server.pid)]);
    },
  });
  const late = points.filter(([done]) => done >= requests / 2);
  return {
    name: server.name,
    requests,
    errors,
    recorded: (await settled(recorded)) - recordedBefore,
    startMb: points[0]?.[1] ?? Number.NaN,
    endMb: points.at(-1)?.[1] ?? Number.NaN,
    highestMb: Math.max(...points.map(([, mb]) => mb)),
    mbPer100k: slope(late) * 100_000,
    points,
  };
}

/** The ledger is written behind the requests: the count once it no longer moves. */
async function settled(count: () => number): Promise<number> {
  let last = -1;
  for (let now = count(); now !== last; now = count()) {
    last = now;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  return last;
}

const say = (line: string) => process.stderr.write(`${line}\n`);

async function byClock(plan: Plan, compare: string | undefined): Promise<ClockFigures> {
  const servers = await startServers({ upstream: 'mock', compare });
  try {
    const compared = await interleaved(servers.list, plan);
    const streams: StreamFigures[] = [];
    for (const server of servers.list) {
      say(`${plan.streams} streams for ${plan.streamSeconds} s: ${server.name}`);
      streams.push(await manyStreams(server, plan));
    }
    const gateway = servers.list.find(({ name }) => name === 'smallfirst');
    if (gateway === undefined) throw new Error('The gateway is not among the servers.');
    say(`${plan.memoryRequests} requests: smallfirst`);
    const memory = await memoryOver(gateway, plan.memoryRequests, servers.recorded);
    return { compared, streams, memory };
  } finally {
    await servers.stop();
  }
}

const OPTIONS = {
  quick: { type: 'boolean', default: false },
  json: { type: 'string' },
  only: { type: 'string' },
  compare: { type: 'string' },
  litellm: { type: 'boolean', default: false },
  same: { type: 'string' },
} as const;

interface Others {
  readonly compare?: string | undefined;
  readonly litellm: boolean;
}

async function byProcessor(
  plan: Plan,
  { compare, litellm: isWanted }: Others,
): Promise<readonly CpuFigures[]> {
  const litellm = isWanted ? await litellmPython(say) : undefined;
  return await measureCpu(plan.cpu, { compare, litellm }, say);
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: OPTIONS });
  if (values.same !== undefined) {
    process.exitCode = (await compareAnswers(values.same, say)) ? 0 : 1;
    return;
  }
  const plan = values.quick ? QUICK : FULL;
  const { only, compare } = values;
  const loadBefore = loadavg();
  const machine = `Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}`;
  process.stdout.write(
    `${machine}; load average before: ${loadBefore.map((one) => one.toFixed(2)).join(' ')}\n\n`,
  );
  const cpu = only === 'clock' ? [] : await byProcessor(plan, values);
  if (only !== 'clock') process.stdout.write(`${cpuTable(cpu)}\n\n`);
  const clock = only === 'cpu' ? undefined : await byClock(plan, compare);
  if (clock !== undefined) process.stdout.write(`${table(clock)}\n`);
  const figures: Figures = { machine, loadBefore, plan, cpu, ...clock };
  const file =
    values.json ?? join(import.meta.dirname, values.quick ? 'quick.json' : 'results.json');
  writeFileSync(file, `${JSON.stringify(figures, null, 2)}\n`);
}

/** What a run found; the part by clock is missing with `--only cpu`. */
interface Figures extends Partial<ClockFigures> {
  readonly machine: string;
  /** The system's load averages before anything was started: 1, 5, 15 minutes. */
  readonly loadBefore: readonly number[];
  readonly plan: object;
  readonly cpu: readonly CpuFigures[];
}

await main();
