/** The primary of several processes that serve: it holds the listening sockets and answers nothing itself. */
import { spawn, type ChildProcess } from 'node:child_process';
import { isSea } from 'node:sea';
import type { Config } from '../../config/config.ts';
import { accept } from '../../http/handed-over.ts';
import { requireFreePort, schemeOf } from '../../http/server.ts';
import type { Seat } from '../../workers/calls.ts';
import { startCrew, type Crew } from '../../workers/crew.ts';
import { banner } from '../banner.ts';
import type { Sighups } from '../sighup.ts';
import { seatVariable } from './seat.ts';
import { stoppableStart, untilStopped } from './stopping.ts';
import type { Ready } from './worker.ts';

export async function servePrimary(
  { server, admin }: Config,
  count: number,
  sighups: Sighups,
): Promise<void> {
  await requireFreePort(server.host, server.port);
  if (admin !== undefined) await requireFreePort(admin.host, admin.port);
  const starting = stoppableStart();
  const crew = await startCrew({
    count,
    start: startWorker,
    say: saidOnce(),
    abort: starting.signal,
  });
  const isAsked = starting.over();
  const api = await accept((socket) => crew.take(socket, 'api'), server);
  const own = admin && (await accept((socket) => crew.take(socket, 'admin'), admin));
  const close = (): void => {
    api.close();
    own?.close();
  };
  // Workers are this program: what they say of themselves is what `worker.ts` sends.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const ready = crew.about as Ready;
  const urlOf = ({ shown }: { readonly shown: string }): string =>
    `${schemeOf(server.tls)}://${shown}`;
  process.stderr.write(banner({ ...ready, url: urlOf(api), adminUrl: urlOf(own ?? api) }));
  sighups.started(() => void crew.reload());
  process.exit(await ended(crew, close, isAsked));
}

async function ended(crew: Crew, close: () => void, isAsked: boolean): Promise<number> {
  const kill = (): void => {
    crew.kill();
    process.exit(1);
  };
  await Promise.race([untilStopped({ cut: () => crew.cut(), kill }, isAsked), crew.failed]);
  return await crew.drain(close);
}

/** The same program with the same arguments, and a channel to this one. */
function startWorker(seat: Seat): ChildProcess {
  const [, main = '', ...args] = process.argv;
  return spawn(process.execPath, [...process.execArgv, ...(isSea() ? [] : [main]), ...args], {
    env: { ...process.env, ...seatVariable(seat) },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    serialization: 'advanced',
  });
}

const ONCE_MS = 10_000;

/** What several say at once, such as that a policy was activated, is said once. */
function saidOnce(): (line: string) => void {
  const said = new Map<string, number>();
  return (line) => {
    const now = Date.now();
    for (const [before, atMs] of said) if (now - atMs > ONCE_MS) said.delete(before);
    if (!said.has(line)) process.stderr.write(`${line}\n`);
    said.set(line, now);
  };
}
