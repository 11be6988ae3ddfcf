/** Load by `wrk`, which takes a fraction of the processor that a client in JavaScript takes; ours where it is not installed. */
import { execFile, execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { load } from './load.ts';
import type { BenchServer } from './servers.ts';

export interface LoadResult {
  readonly requests: number;
  readonly errors: number;
  readonly p50Us: number;
}

export interface Load {
  readonly bodies: readonly string[];
  readonly connections: number;
  readonly seconds: number;
}

/** Whether a program can be run here. */
export function hasProgram(name: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${name}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** @param pinning the words before the command, such as `taskset -c 1` */
export async function drive(
  server: BenchServer,
  given: Load,
  pinning: readonly string[],
): Promise<LoadResult> {
  if (!hasProgram('wrk')) return await driveHere(server, given);
  const script = join(tmpdir(), `smallfirst-bench-${process.pid}.lua`);
  writeFileSync(script, lua(server, given.bodies));
  const { connections, seconds } = given;
  const url = `${server.origin}/v1/chat/completions`;
  const options = ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', '-s', script, url];
  const [program = 'wrk', ...args] = [...pinning, 'wrk', ...options];
  const { stdout } = await promisify(execFile)(program, args);
  return {
    requests: Number(/(\d+) requests in/.exec(stdout)?.[1]),
    errors: Number(/Non-2xx or 3xx responses: (\d+)/.exec(stdout)?.[1] ?? 0),
    p50Us: microseconds(/50%\s+([\d.]+)(us|ms|s)/.exec(stdout)),
  };
}

async function driveHere(
  server: BenchServer,
  { bodies, connections, seconds }: Load,
): Promise<LoadResult> {
  const { requests, errors, latenciesMs } = await load(server, {
    concurrency: connections,
    seconds,
    bodies,
  });
  const sorted = latenciesMs.toSorted((a, b) => a - b);
  return { requests, errors, p50Us: (sorted[sorted.length >> 1] ?? Number.NaN) * 1000 };
}

/** All requests are written once, so that the generator only sends. */
function lua({ headers }: BenchServer, bodies: readonly string[]): string {
  const lines = Object.entries({ 'content-type': 'application/json', ...headers }).map(
    ([name, value]) => `wrk.headers[${quoted(name)}] = ${quoted(value)}`,
  );
  return [
    'wrk.method = "POST"',
    ...lines,
    `local bodies = {${bodies.map(quoted).join(',\n')}}`,
    'local requests, at = {}, 0',
    'function init() for i = 1, #bodies do requests[i] = wrk.format(nil, nil, nil, bodies[i]) end end',
    'function request() at = at % #requests + 1; return requests[at] end',
  ].join('\n');
}

/** A Lua string: JSON's escapes for quotes and backslashes are Lua's too, and the texts hold no control characters. */
const quoted = (text: string): string => JSON.stringify(text);

const UNIT_US: Readonly<Record<string, number>> = { us: 1, ms: 1000, s: 1_000_000 };

const microseconds = (found: RegExpExecArray | null): number =>
  Number(found?.[1]) * (UNIT_US[found?.[2] ?? ''] ?? Number.NaN);
