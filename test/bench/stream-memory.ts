/**
 * `npm run bench:stream-memory [-- --streams 100000]`: resident memory before, during and after so many streams, with and without the
 * deep judge. Needs Linux; `wrk` where it is installed.
 */
import { parseArgs } from 'node:util';
import { setTimeout as wait } from 'node:timers/promises';
import { chatBody } from './load.ts';
import { residentMb, watchMemory } from './memory.ts';
import { markdown } from './report.ts';
import { startServers, type BenchServer } from './servers.ts';
import { drive } from './wrk.ts';

const { values } = parseArgs({ options: { streams: { type: 'string', default: '100000' } } });
const wanted = Number(values.streams);
/** Each brings some thousand streams. */
const ROUND_SECONDS = 5;
const CONNECTIONS = 32;
/** Kept connections, what is held for a while and what a start or a load left are let go. */
const REST_MS = 60_000;
/** Different ones, of which the deep judge remembers what it said. */
const BODIES = Array.from({ length: 1000 }, (_, number) => chatBody(number, { stream: true }));

async function measure(server: BenchServer): Promise<readonly string[]> {
  const idle = residentMb(server.pid);
  const watch = watchMemory(server.pid);
  let [streams, failed] = [0, 0];
  while (streams < wanted) {
    const load = { bodies: BODIES, connections: CONNECTIONS, seconds: ROUND_SECONDS };
    const { requests, errors } = await drive(server, load, []);
    streams += requests;
    failed += errors;
    process.stderr.write(`${server.name}: ${streams} streams\n`);
  }
  const loaded = watch.stop();
  await wait(REST_MS);
  const figures = [idle, loaded, residentMb(server.pid)].map((mb) => mb.toFixed(0));
  return [server.name, String(streams), ...figures, String(failed)];
}

const servers = await startServers({
  upstream: 'mock',
  without: { 'the deep judge': { judge: { deep: 'off' } } },
});
try {
  await wait(REST_MS);
  const rows: (readonly string[])[] = [];
  for (const server of servers.list)
    if (server.name !== 'direct' && server.name !== 'bare') rows.push(await measure(server));
  const head = 'server|streams|RSS MB idle|largest under load|a minute after|failed';
  process.stdout.write(`${markdown(head.split('|'), rows)}\n`);
} finally {
  await servers.stop();
}
