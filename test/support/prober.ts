/**
 * Asks `/healthz` again and again from a process of its own, so that what its caller does costs no time here. Run by itself:
 * `node prober.ts URL`, until its input ends; prints what it measured.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';

const EVERY_MS = 5;

/** Milliseconds. */
export interface Waits {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly worst: number;
}

/** Measures from now until it is called. */
export async function startProber(url: string): Promise<() => Promise<Waits>> {
  const child = spawn(process.execPath, [import.meta.filename, url], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return async () => {
    let said = '';
    child.stdout.on('data', (data: Buffer) => (said += data.toString()));
    child.stdin.end();
    await once(child, 'close');
    // It is what `probe` prints.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    return JSON.parse(said) as Waits;
  };
}

const agent = new Agent({ keepAlive: true });

function ask(url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    get(`${url}/healthz`, { agent }, (answer) => answer.resume().once('end', resolve)).once(
      'error',
      reject,
    );
  });
}

async function probe(url: string): Promise<void> {
  const over = new AbortController();
  process.stdin.resume().once('end', () => over.abort());
  await ask(url);
  process.stdout.write('\n');
  const waits: number[] = [];
  while (!over.signal.aborted) {
    const from = performance.now();
    await ask(url);
    waits.push(performance.now() - from);
    await wait(EVERY_MS);
  }
  waits.sort((a, b) => a - b);
  const at = (share: number): number =>
    Math.round((waits[Math.floor((waits.length - 1) * share)] ?? 0) * 10) / 10;
  const said = { count: waits.length, p50: at(0.5), p99: at(0.99), worst: at(1) };
  process.stdout.write(JSON.stringify(said));
  process.exit(0);
}

if (process.argv[1] === import.meta.filename) await probe(process.argv[2] ?? '');
