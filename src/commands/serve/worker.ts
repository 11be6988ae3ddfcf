/** One of several processes that serve: its connections come from the primary, and so does what it is told to do. */
import { Socket } from 'node:net';
import { startGateway, type RunningGateway } from '../../app.ts';
import { configOfWorker } from '../../config/workers.ts';
import type { EarlyThread } from '../../early.ts';
import type { Seat } from '../../workers/calls.ts';
import { openWorker, type Channel, type Worker } from '../../workers/worker.ts';
import { commandConfig } from '../command-config.ts';
import { reportEnd } from './ended.ts';
import { outliveRejections } from './outlive.ts';
import { killThis, LAST_MS } from './stopping.ts';

interface Given {
  /** The configuration. */
  readonly named: string | undefined;
  readonly seat: Seat;
  readonly early: EarlyThread | undefined;
}

export async function serveAsWorker({ named, seat, early }: Given): Promise<void> {
  // Those of a terminal reach every process of its group: the primary says what is to be done.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => undefined);
  const worker = openWorker(seat, channel());
  const stopping = new AbortController();
  const stopped = new Promise<void>((resolve) => {
    worker.onDrain(() => {
      stopping.abort(new Error('stopped before it was ready'));
      resolve();
    });
  });
  const config = configOfWorker(commandConfig(named, saidByPrimary), seat);
  const { say: printLine } = worker;
  const abort = stopping.signal;
  const gateway = await startGateway(config, { printLine, abort, worker, spawn: early?.spawn });
  early?.release();
  outliveRejections(gateway.reportBug);
  worker.onCut(() => {
    gateway.cut();
    setTimeout(killThis, LAST_MS);
  });
  const { about, authIsOpen, basePath } = gateway;
  worker.ready({ about, authIsOpen, basePath } satisfies Ready);
  await Promise.race([stopped, whenLeft(worker, config.limits.totalMs)]);
  await end(gateway, worker);
}

/** What the primary shows of the gateway. */
export type Ready = Pick<RunningGateway, 'about' | 'authIsOpen' | 'basePath'>;

/** After it was replaced, and its connections were closed: idle ones by their limit, at the latest when no request may last longer. */
async function whenLeft(worker: Worker, longestMs: number): Promise<void> {
  await new Promise<void>((resolve) => {
    worker.leaving.addEventListener('abort', () => resolve(), { once: true });
  });
  const longest = new Promise<void>((resolve) => void setTimeout(resolve, longestMs).unref());
  await Promise.race([worker.empty(), longest]);
}

async function end(gateway: RunningGateway, worker: Worker): Promise<void> {
  const closed = await gateway.close();
  await worker.final(await gateway.expositions());
  process.exit(reportEnd(closed));
}

const channel = (): Channel => ({
  send: (message) => {
    if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
  },
  onMessage: (take) => {
    process.on('message', (message, handle) => {
      take(message, handle instanceof Socket ? handle : undefined);
    });
  },
  onGone: (take) => void process.once('disconnect', take),
});

const saidByPrimary = (): void => {};
