/**
 * Threads that read large bodies. A thread starts with the first body and ends after a while without any. If one ends by itself, its
 * waiting requests are refused, and the next body gets a new thread.
 */
import type { Call } from '../core/call.ts';
import type { Judged, LargeBodies, LargeChat } from '../core/large-bodies.ts';
import { foundOf, type LargeBody } from '../core/large-body.ts';
import type { Features } from '../core/signal.ts';
import { describe, turnsOf } from '../engine/features.ts';
import type { JsonObject } from '../lib/json.ts';
import { outlined } from '../lib/json-outline.ts';
import { workerBeside } from '../lib/worker-beside.ts';
import { settingsOf } from '../signals/index.ts';
import {
  bytesOf,
  sentBytes,
  type CallHead,
  type JudgeResult,
  type ReadResult,
} from './protocol.ts';
import { ReaderThread, type ReaderWorker } from './thread.ts';

export interface LargeBodyPool extends LargeBodies {
  /** Threads that ended by themselves, since the start. */
  ended(): number;
  close(): Promise<void>;
}

interface PoolOptions {
  /** Called when a thread ended by itself, with a sentence for people. */
  readonly onEnd?: (words: string) => void;
  /** The most threads at once. */
  readonly threads?: number;
  /** How long one is kept with nothing to do. */
  readonly idleMs?: number;
  readonly spawn?: () => ReaderWorker;
}

/** The largest bodies come one at a time: the second is for those that are merely large. */
const THREADS = 2;
/** Without a bound what a thread makes and lets go grows to three times as much before it is collected. */
const YOUNG_MB = 8;
/** Its tables are tens of megabytes. */
const IDLE_MS = 60_000;

const spawnReader = (): ReaderWorker =>
  workerBeside(import.meta.url, 'worker', {
    execArgv: [],
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
  });

export function largeBodyPool({
  onEnd = () => {},
  threads: most = THREADS,
  idleMs = IDLE_MS,
  spawn = spawnReader,
}: PoolOptions = {}): LargeBodyPool {
  const threads = new Set<ReaderThread>();
  const kept = new WeakMap<LargeBody, Place>();
  let ended = 0;
  const start = (): ReaderThread => {
    const thread: ReaderThread = new ReaderThread(spawn(), {
      idleMs,
      onEnd: (error) => {
        threads.delete(thread);
        if (error === undefined) return;
        ended += 1;
        onEnd(endWords(error));
      },
    });
    threads.add(thread);
    return thread;
  };
  const freest = (): ReaderThread => {
    const [thread] = [...threads].toSorted((one, other) => one.busy() - other.busy());
    if (thread === undefined || (thread.busy() > 0 && threads.size < most)) return start();
    return thread;
  };
  return {
    read: async (given, call, options) => {
      const thread = freest();
      const { name, result } = await thread.read({
        payload: sentBytes(given),
        head: headOf(call),
        options,
      });
      const payload = bytesOf(result.payload);
      const large = largeBody(result, payload);
      kept.set(large, { name, thread });
      return { payload, body: large.body, large, forget: () => thread.forget(name) };
    },
    judge: (call, { signals, ownsState, contentsOf }) => {
      const found = foundOf(call);
      const place = found && kept.get(found);
      const settings = settingsOf(signals);
      if (place === undefined || settings === undefined || !place.thread.isAlive) return undefined;
      const asked = place.thread.judge(place.name, settings, {
        head: headOf(call),
        ownsState,
        contentsOf: contentsOf && ((ids) => contentsOf(ids, call.caller)),
      });
      return asked.then((judged) => judgedHere(judged, call));
    },
    messagesAsChat: (call) => (foundOf(call) === undefined ? undefined : asChat(call, freest())),
    ended: () => ended,
    close: async () => {
      await Promise.all([...threads].map((thread) => thread.close()));
    },
  };
}

const endWords = (error: string): string =>
  `A thread that reads large bodies ended (${error}); its requests got 503, and the next large body starts another.`;

/** The bytes stay here, whoever else is sent them. */
async function asChat({ payload: given }: Call, thread: ReaderThread): Promise<LargeChat> {
  const { lost, ...result } = await thread.chat(sentBytes(Buffer.from(given)));
  const payload = bytesOf(result.payload);
  const large = largeBody(result, payload);
  return { payload, body: large.body, large, lost };
}

/** Where a body is kept. */
interface Place {
  readonly name: number;
  readonly thread: ReaderThread;
}

function largeBody(result: ReadResult, payload: Buffer): LargeBody {
  const { payload: _, outline, ...found } = result;
  if (outline === undefined) return { ...found, body: parsed(payload) };
  return { ...found, outline, body: outlined(payload, outline) };
}

/** It was parsed before. */
// oxlint-disable-next-line typescript/no-unsafe-type-assertion
const parsed = (payload: Buffer): JsonObject => JSON.parse(payload.toString('utf8')) as JsonObject;

/** What reads turns and texts after the decision is rare: they are made here then, from the body. */
function judgedHere(
  { facts, sent, task, taskEnds, readings, took }: JudgeResult,
  call: Call,
): Judged {
  let made: Features | undefined;
  let turns: Features['turns'] | undefined;
  const whole = (): Features => (made ??= describe(call));
  const features: Features = {
    facts,
    ...(sent === undefined ? {} : { sent }),
    ...(taskEnds === undefined ? {} : { taskEnds }),
    get task() {
      return task ?? whole().task;
    },
    get own() {
      return whole().own ?? whole().turns;
    },
    get turns() {
      // Checks of answers ask for these alone.
      return (turns ??= turnsOf(call));
    },
    get texts() {
      return whole().texts ?? [];
    },
  };
  return { features, readings, took };
}

function headOf(call: Call): CallHead {
  const { body: _, payload: __, large: ___, stateDeadline: ____, ...head } = call;
  return head;
}
