/**
 * Processor time a request, by thread: rounds in turns over all servers, each alone on one processor while load and upstream
 * share another. The minimum and the lower quartile are least disturbed by whatever else the machine does.
 */
import { cpus } from 'node:os';
import { FIXED_BODY, variedBodies } from './bodies.ts';
import { markdown } from './report.ts';
import { startServers, type BenchServer, type ServersOptions } from './servers.ts';
import { median, percentile } from './statistics.ts';
import { processNs } from './threads.ts';
import { drive, hasProgram, type Load } from './wrk.ts';

export interface CpuPlan {
  readonly rounds: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
}

interface CpuRound {
  readonly mainUs: number;
  readonly allUs: number;
  readonly perSecond: number;
  readonly p50Us: number;
  readonly errors: number;
}

/** Microseconds a request. */
interface Spread {
  readonly min: number;
  readonly lowerQuartile: number;
  readonly median: number;
}

export interface CpuFigures {
  readonly name: string;
  readonly bodies: string;
  readonly mainUs: Spread;
  readonly allUs: Spread;
  /** By wall clock, median of the rounds. */
  readonly perSecond: number;
  /** Milliseconds at one connection, smallest of the rounds' medians. */
  readonly aloneP50Ms: number;
  readonly errors: number;
}

const CONNECTIONS = 32;
const KINDS = { fixed: [FIXED_BODY], varied: variedBodies } as const;

/** @param which servers stand beside this gateway and the bare proxy */
export async function measureCpu(
  plan: CpuPlan,
  which: Pick<ServersOptions, 'compare' | 'without' | 'litellm'>,
  say: (line: string) => void,
): Promise<readonly CpuFigures[]> {
  const isPinned = cpus().length > 1 && hasProgram('taskset');
  const [ours, others] = isPinned ? [onProcessor(0), onProcessor(1)] : [[], []];
  const servers = await startServers({ ...which, upstream: 'constant', ours, others });
  try {
    const figures: CpuFigures[] = [];
    for (const bodies of ['fixed', 'varied'] as const) {
      figures.push(...(await interleaved(servers.list, { bodies, plan, others, say })));
    }
    return figures;
  } finally {
    await servers.stop();
  }
}

const onProcessor = (index: number): readonly string[] => ['taskset', '-c', String(index)];

interface Run {
  readonly bodies: keyof typeof KINDS;
  readonly plan: CpuPlan;
  readonly others: readonly string[];
  readonly say: (line: string) => void;
}

async function interleaved(
  servers: readonly BenchServer[],
  { bodies, plan, others, say }: Run,
): Promise<readonly CpuFigures[]> {
  const load = { bodies: KINDS[bodies], connections: CONNECTIONS };
  const rounds = new Map<string, CpuRound[]>(servers.map(({ name }) => [name, []]));
  for (const server of servers)
    await drive(server, { ...load, seconds: plan.warmUpSeconds }, others);
  for (let index = 0; index < plan.rounds; index += 1) {
    for (const server of servers) {
      const round = await oneRound(server, { ...load, seconds: plan.seconds }, others);
      // A machine that is busy with other things may serve none in a second.
      if (Number.isFinite(round.mainUs)) rounds.get(server.name)?.push(round);
    }
    say(`processor time, ${bodies} bodies: round ${index + 1} of ${plan.rounds}`);
  }
  return servers.map(({ name }) => figuresOf(name, bodies, rounds.get(name) ?? []));
}

async function oneRound(
  server: BenchServer,
  given: Load,
  others: readonly string[],
): Promise<CpuRound> {
  const before = processNs(server.pid);
  const { requests, errors } = await drive(server, given, others);
  const after = processNs(server.pid);
  const alone = await drive(server, { ...given, connections: 1, seconds: 1 }, others);
  return {
    mainUs: (after.main - before.main) / requests / 1000,
    allUs: (after.all - before.all) / requests / 1000,
    perSecond: requests / given.seconds,
    p50Us: alone.p50Us,
    errors: errors + alone.errors,
  };
}

function figuresOf(name: string, bodies: string, rounds: readonly CpuRound[]): CpuFigures {
  const of = (pick: (round: CpuRound) => number) => rounds.map(pick);
  return {
    name,
    bodies,
    mainUs: spread(of(({ mainUs }) => mainUs)),
    allUs: spread(of(({ allUs }) => allUs)),
    perSecond: median(of(({ perSecond }) => perSecond)),
    aloneP50Ms: Math.min(...of(({ p50Us }) => p50Us).filter((us) => us > 0)) / 1000,
    errors: of(({ errors }) => errors).reduce((sum, errors) => sum + errors, 0),
  };
}

const spread = (values: readonly number[]): Spread => ({
  min: Math.min(...values),
  lowerQuartile: percentile(values, 0.25),
  median: median(values),
});

/** Markdown, one row a server and kind of body. */
export function cpuTable(figures: readonly CpuFigures[]): string {
  const rows = figures.map((server) => {
    const beside = (name: string) =>
      figures.find((other) => other.name === name && other.bodies === server.bodies);
    const ratio = (name: string) =>
      ((beside(name)?.mainUs.min ?? Number.NaN) / server.mainUs.min).toFixed(2);
    return [
      server.name,
      server.bodies,
      words(server.mainUs),
      words(server.allUs),
      ratio('bare'),
      ratio('portkey'),
      server.perSecond.toFixed(0),
      server.aloneP50Ms.toFixed(3),
      String(server.errors),
    ];
  });
  const head = 'server|bodies|main thread µs: min, q1, median|all threads µs: min, q1, median';
  const tail = 'of bare|of Portkey|requests/s at 32|p50 ms at 1|errors';
  return markdown(`${head}|${tail}`.split('|'), rows);
}

const words = ({ min, lowerQuartile, median: middle }: Spread): string =>
  [min, lowerQuartile, middle].map((us) => us.toFixed(1)).join(', ');
