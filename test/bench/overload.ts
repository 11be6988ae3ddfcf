/**
 * `npm run bench:overload [-- --rounds 3 --connections 2000 --seconds 8 --compare PATH]`: many more callers than there is room for, each asking again as
 * soon as it is answered, beside the best that a few of them get; in another checkout too, in turns. Needs `wrk`, `nginx` and Linux.
 */
import { parseArgs } from 'node:util';
import { Agent, request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { FIXED_BODY } from './bodies.ts';
import { watchMemory } from './memory.ts';
import { markdown } from './report.ts';
import { startServers, type BenchServer } from './servers.ts';
import { median, percentile } from './statistics.ts';
import { processNs } from './threads.ts';
import { drive, type LoadResult } from './wrk.ts';

const KEYS = { many: 'key-of-many-callers', few: 'key-of-ten-callers', one: 'key-of-one-caller' };
type Key = keyof typeof KEYS;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '2000' },
    seconds: { type: 'string', default: '8' },
    compare: { type: 'string' },
  },
});
const connections = Number(values.connections);
const seconds = Number(values.seconds);

/** Connections among which the best is looked for. */
const PEAK_AT = [32, 64, 128, 256];
const PEAK_SECONDS = 2;
const FEW = 10;
/** As good as before: so many answers in a row within so long. */
const RECOVERED = { answers: 20, ms: 50 };

interface Round {
  /** Good answers a second. */
  readonly peak: number;
  readonly crowded: number;
  readonly fewBeside: number;
  readonly refusedPerSecond: number;
  /** Microseconds of the main thread for a good answer. */
  readonly peakUs: number;
  readonly crowdedUs: number;
  /** Milliseconds of callers who come newly, on a connection each. */
  readonly servedMs: readonly number[];
  readonly refusedMs: readonly number[];
  readonly recoveryMs: number;
  readonly residentMb: number;
}

const as = (server: BenchServer, key: Key): BenchServer => ({
  ...server,
  headers: { authorization: `Bearer ${KEYS[key]}` },
});

const good = ({ requests, errors }: LoadResult): number => requests - errors;

const loadOf = (count: number, forSeconds: number) => ({
  bodies: [FIXED_BODY],
  connections: count,
  seconds: forSeconds,
});

async function peakOf(server: BenchServer): Promise<Pick<Round, 'peak' | 'peakUs'>> {
  let best = { peak: 0, peakUs: Infinity };
  for (const count of PEAK_AT) {
    const before = processNs(server.pid).main;
    const answers = good(await drive(as(server, 'many'), loadOf(count, PEAK_SECONDS), []));
    const us = (processNs(server.pid).main - before) / answers / 1000;
    const peak = answers / PEAK_SECONDS;
    if (peak > best.peak) best = { peak, peakUs: us };
  }
  return best;
}

interface Asked {
  readonly status: number;
  readonly ms: number;
}

/** One request, on a connection of its own unless `agent` keeps one. */
function ask({ origin }: BenchServer, key: Key, agent?: Agent): Promise<Asked> {
  const from = performance.now();
  return new Promise((resolve) => {
    const done = (status: number): void => resolve({ status, ms: performance.now() - from });
    const asked = request(`${origin}/v1/chat/completions`, {
      method: 'POST',
      agent: agent ?? false,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${KEYS[key]}` },
    });
    asked.once('response', (answer) => {
      answer.resume().once('end', () => done(answer.statusCode ?? 0));
    });
    asked.once('error', () => done(0));
    asked.end(FIXED_BODY);
  });
}

async function newcomers(server: BenchServer, over: AbortSignal): Promise<readonly Asked[]> {
  const all: Promise<Asked>[] = [];
  while (!over.aborted) {
    all.push(ask(server, 'one'), ask(server, 'many'));
    await wait(50);
  }
  return await Promise.all(all);
}

/** Milliseconds until it answers as before. */
async function recovery(server: BenchServer): Promise<number> {
  const from = performance.now();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (let inARow = 0; inARow < RECOVERED.answers;) {
    const { status, ms } = await ask(server, 'one', agent);
    inARow = status === 200 && ms <= RECOVERED.ms ? inARow + 1 : 0;
  }
  agent.destroy();
  return performance.now() - from;
}

async function round(server: BenchServer): Promise<Round> {
  const best = await peakOf(server);
  const over = new AbortController();
  const memory = watchMemory(server.pid);
  const asking = newcomers(server, over.signal);
  const before = processNs(server.pid).main;
  const many = drive(as(server, 'many'), loadOf(connections, seconds), []);
  const few = drive(as(server, 'few'), loadOf(FEW, seconds), []);
  const [crowd, beside] = await Promise.all([many, few]);
  const main = processNs(server.pid).main - before;
  over.abort();
  const recoveryMs = await recovery(server);
  const residentMb = memory.stop();
  const asked = await asking;
  const msOf = (isWanted: (status: number) => boolean) =>
    asked.filter(({ status }) => isWanted(status)).map(({ ms }) => ms);
  const answers = good(crowd) + good(beside);
  return {
    ...best,
    crowded: answers / seconds,
    fewBeside: good(beside) / seconds,
    refusedPerSecond: (crowd.errors + beside.errors) / seconds,
    crowdedUs: main / answers / 1000,
    servedMs: msOf((status) => status === 200),
    refusedMs: msOf((status) => status !== 200),
    recoveryMs,
    residentMb,
  };
}

function row(name: string, rounds: readonly Round[]): readonly string[] {
  const of = (pick: (round: Round) => number) => median(rounds.map(pick));
  const waits = (pick: (round: Round) => readonly number[]) => {
    const all = rounds.flatMap(pick);
    const at = (share: number) => percentile(all, share).toFixed(0);
    return all.length === 0 ? 'none' : `${at(0.5)}, ${at(0.99)} of ${all.length}`;
  };
  const shares = rounds.map(({ peak, crowded }) => ((100 * crowded) / peak).toFixed(0));
  return [
    name,
    of(({ peak }) => peak).toFixed(0),
    of(({ crowded }) => crowded).toFixed(0),
    shares.join(', '),
    of(({ fewBeside }) => fewBeside).toFixed(0),
    of(({ refusedPerSecond }) => refusedPerSecond).toFixed(0),
    waits(({ servedMs }) => servedMs),
    waits(({ refusedMs }) => refusedMs),
    of(({ recoveryMs }) => recoveryMs).toFixed(0),
    `${of(({ peakUs }) => peakUs).toFixed(0)}, ${of(({ crowdedUs }) => crowdedUs).toFixed(0)}`,
    of(({ residentMb }) => residentMb).toFixed(0),
  ];
}

const HEAD = `server|peak/s at ${PEAK_AT.join(', ')}|good/s at ${connections}|% of peak, each round|of these/s ${FEW} connections of another key|refused/s|newcomers served ms p50, p99|newcomers refused ms p50, p99|recovered after ms|main thread µs a good answer: peak, crowded|RSS MB`;

// Configuration files hold no keys.
for (const [name, key] of Object.entries(KEYS)) process.env[`BENCH_KEY_${name}`] = key;
const keys = Object.keys(KEYS).map((name) => ({ name, key: `\${BENCH_KEY_${name}}` }));
const servers = await startServers({
  upstream: 'constant',
  without: {},
  compare: values.compare,
  config: { auth: { mode: 'keys', keys } },
});
try {
  const gateways = servers.list.filter(({ name }) => name === 'smallfirst' || name === 'compared');
  const rounds = new Map<string, Round[]>(gateways.map(({ name }) => [name, []]));
  for (const gateway of gateways) await drive(as(gateway, 'many'), loadOf(32, 5), []);
  for (let at = 0; at < Number(values.rounds); at += 1) {
    for (const gateway of gateways) {
      rounds.get(gateway.name)?.push(await round(gateway));
      process.stderr.write(`${gateway.name}: round ${at + 1}\n`);
    }
  }
  const rows = [...rounds].map(([name, all]) => row(name, all));
  process.stdout.write(`${markdown(HEAD.split('|'), rows)}\n`);
} finally {
  await servers.stop();
}
