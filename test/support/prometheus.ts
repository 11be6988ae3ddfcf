/** Debian's Prometheus and promtool, for tests: each server on a free port of loopback, with a temporary folder. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { missing } from './ensure-system-packages.ts';
import { freePort } from './gateway-process.ts';

const LOOK_EVERY_MS = 100;
const GIVE_UP_MS = 180_000;
const KEPT_OUTPUT = 4000;

/** Why Prometheus cannot be used; undefined where it can. @throws Error in CI, where it is required */
export function prometheusIsMissing(env = process.env): string | undefined {
  const needed = { debian: 'prometheus', program: 'promtool', suite: 'Prometheus' };
  if (missing([needed], env['PATH'] ?? '').length === 0) return undefined;
  const why = 'there is no promtool on the PATH (apt-get install prometheus)';
  if (env['CI'] !== undefined) throw new Error(why);
  process.stderr.write(`SKIPPED: ${why}\n`);
  return why;
}

interface Ran {
  readonly code: number;
  readonly output: string;
}

/** Runs promtool and returns its output and exit code. */
export async function promtool(args: readonly string[], input = ''): Promise<Ran> {
  const running = promisify(execFile)('promtool', args, { maxBuffer: 10_000_000 });
  running.child.stdin?.end(input);
  return running.then(
    ({ stdout, stderr }) => ({ code: 0, output: stdout + stderr }),
    (error: { code?: number; stdout?: string; stderr?: string }) => ({
      code: error.code ?? 1,
      output: `${error.stdout ?? ''}${error.stderr ?? ''}`,
    }),
  );
}

export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

interface Exemplar {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: string;
}

interface RuleState {
  readonly name: string;
  readonly type: 'recording' | 'alerting';
  readonly query: string;
  readonly health: string;
  readonly lastError?: string;
}

export interface Prometheus {
  /** @throws Error for an invalid expression */
  query(expression: string): Promise<readonly Sample[]>;
  exemplars(selector: string): Promise<readonly Exemplar[]>;
  rules(): Promise<readonly RuleState[]>;
  /** The error of each target's last scrape; `''` = none. */
  targetErrors(): Promise<readonly string[]>;
  /** Polls `found` until it returns a value. @throws Error after three minutes, with `what` */
  until<T>(what: string, found: () => Promise<T | undefined>): Promise<T>;
  close(): Promise<void>;
}

/** @param scrape - host and port that answer on `/metrics`; scraped every second, as `job="smallfirst"`. */
export async function startPrometheus(scrape: string, ruleFile: string): Promise<Prometheus> {
  const folder = await mkdtemp(join(tmpdir(), 'smallfirst-prometheus-'));
  const port = await freePort();
  const config = {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: [ruleFile],
    scrape_configs: [{ job_name: 'smallfirst', static_configs: [{ targets: [scrape] }] }],
  };
  // JSON is YAML.
  await writeFile(join(folder, 'prometheus.yml'), JSON.stringify(config));
  const child = spawn(
    'prometheus',
    [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--enable-feature=exemplar-storage',
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const stopOnExit = (): void => void child.kill('SIGKILL');
  process.once('exit', stopOnExit);
  const base = `http://127.0.0.1:${port}`;
  const output = tail(child);
  await until('Prometheus is ready', async () => {
    if (child.exitCode !== null) throw new Error(`Prometheus ended:\n${output()}`);
    const answer = await fetch(`${base}/-/ready`).catch(() => undefined);
    return answer?.ok === true ? true : undefined;
  });
  return {
    ...reader(base),
    until,
    close: async () => {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await gone;
      process.off('exit', stopOnExit);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function tail(child: ChildProcess): () => string {
  let kept = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      kept = (kept + text).slice(-KEPT_OUTPUT);
    });
  return () => kept;
}

async function until<T>(what: string, found: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + GIVE_UP_MS;
  for (;;) {
    const result = await found();
    if (result !== undefined) return result;
    if (Date.now() > deadline) throw new Error(`After ${GIVE_UP_MS} ms not yet: ${what}`);
    await pause(LOOK_EVERY_MS);
  }
}

function reader(base: string): Omit<Prometheus, 'until' | 'close'> {
  const ask = async <T>(path: string, query: Record<string, string> = {}): Promise<T> => {
    const answer = await fetch(`${base}/api/v1/${path}?${new URLSearchParams(query).toString()}`);
    const body = (await answer.json()) as { data: T; status: string; error?: string };
    if (body.status !== 'success') throw new Error(`${body.error}\n${JSON.stringify(query)}`);
    return body.data;
  };
  return {
    query: async (expression) => {
      const { result } = await ask<{
        result: readonly { metric: Record<string, string>; value: [number, string] }[];
      }>('query', { query: expression });
      return result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
    },
    exemplars: async (selector) => {
      const found = await ask<readonly { exemplars: readonly Exemplar[] }[]>('query_exemplars', {
        query: selector,
        start: '0',
        end: String(Date.now() / 1000 + 60),
      });
      return found.flatMap(({ exemplars }) => exemplars);
    },
    rules: async () => {
      const { groups } = await ask<{ groups: readonly { rules: readonly RuleState[] }[] }>('rules');
      return groups.flatMap(({ rules }) => rules);
    },
    targetErrors: async () => {
      const { activeTargets } = await ask<{ activeTargets: readonly { lastError: string }[] }>(
        'targets',
      );
      return activeTargets.map(({ lastError }) => lastError);
    },
  };
}
