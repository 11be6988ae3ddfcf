/** The thread that forwards an outbox: with its own connections to the file and to Postgres, so that no request waits for it. */
import { setTimeout as wait } from 'node:timers/promises';
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import type { ThreadQuestion, ThreadReply } from '../../lib/supervised-thread.ts';
import { outboxIn } from '../outbox/outbox.ts';
import { explain } from '../sqlite/errors.ts';
import { openDatabase } from '../sqlite/open.ts';
import { recordReader } from '../sqlite/words.ts';
import { openPostgres } from './connection.ts';
import {
  sharedStats,
  type ForwarderNews,
  type ForwarderSetup,
  type ToForwarder,
} from './forward-messages.ts';
import { createForwarder, type Forwarder } from './forwarder.ts';

type Reply = ThreadReply<undefined>;

/** So long is waited after a round is begun: what is written meanwhile is told once. */
const NOTICE_MS = 20;

function openThread({ url, path, outbox, shared }: ForwarderSetup, port: MessagePort): void {
  const { woken, stats } = sharedStats(shared);
  const tell = (message: Reply | ForwarderNews): void => port.postMessage(message);
  const db = openDatabase(path);
  // A row that is deleted twice is forwarded twice, which changes nothing: it need not survive a power cut.
  db.exec('PRAGMA synchronous = NORMAL');
  const answer = outboxIn(db, recordReader(db));
  const postgres = openPostgres({ url, connections: 1 });
  const forwarder = createForwarder({
    thread: {
      ask: async (question) => {
        try {
          return answer(question);
        } catch (error) {
          throw new Error(explain(error, path), { cause: error });
        }
      },
    },
    postgres,
    outbox,
    epochMs: Date.now,
    onProblem: (problem) => tell({ problem }),
    onHead: ({ waiting, sinceMs }, dropped) => stats.set([waiting, sinceMs, dropped]),
  });
  const over = new AbortController();
  const flush = async (seq: number): Promise<void> => tell(await flushed(forwarder, seq));
  const close = async (seq: number): Promise<void> => {
    await forwarder.close();
    over.abort();
    await postgres.close();
    db.close();
    tell({ seq, found: undefined });
  };
  port.on('message', ({ question, seq }: ThreadQuestion<ToForwarder>) => {
    if (question === 'flush') void flush(seq);
    else void close(seq);
  });
  // After one that ended.
  tell({ problem: undefined });
  void follow(woken, forwarder, over.signal);
}

async function flushed({ flush }: Forwarder, seq: number): Promise<Reply> {
  try {
    await flush();
    return { seq, found: undefined };
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error);
    return { seq, failure };
  }
}

async function follow(
  woken: Int32Array<SharedArrayBuffer>,
  { wake }: Forwarder,
  over: AbortSignal,
): Promise<void> {
  while (!over.aborted) {
    await Atomics.waitAsync(woken, 0, 0).value;
    Atomics.store(woken, 0, 0);
    wake();
    await wait(NOTICE_MS);
  }
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what `forward-thread.ts` starts it with
if (parentPort !== null) openThread(workerData as ForwarderSetup, parentPort);
