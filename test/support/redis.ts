/** A Redis of a test's own, where Debian's `redis-server` is installed. */
import { spawn, spawnSync } from 'node:child_process';
import { freePort } from './gateway-process.ts';

export const hasRedis = spawnSync('redis-server', ['--version']).status === 0;
if (!hasRedis)
  process.stderr.write('SKIPPED: redis-server is not installed (package redis-server)\n');

export interface TestRedis {
  readonly url: string;
  readonly pid: number;
  close(): void;
}

/** @param more - arguments of the server */
export async function startRedis(...more: readonly string[]): Promise<TestRedis> {
  const port = await freePort();
  const server = spawn('redis-server', [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    ...more,
  ]);
  await new Promise<void>((resolve, reject) => {
    server.once('exit', () => reject(new Error('redis-server ended at its start')));
    server.stdout.on('data', (text: Buffer) => {
      if (text.includes('Ready to accept')) resolve();
    });
  });
  return {
    url: `redis://127.0.0.1:${port}`,
    pid: server.pid ?? 0,
    close: () => void server.kill('SIGKILL'),
  };
}
