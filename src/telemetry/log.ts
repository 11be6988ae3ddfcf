/**
 * One JSON line per record: names, figures and causes, never a word of the caller's. Only the name of
 * the model that was asked for is theirs, cut to a length that no prompt fits in.
 */
import { destination, pino, stdTimeFunctions, type DestinationStream } from 'pino';
import type { Decision } from '../core/decision.ts';
import type { Attempt, Sink, UsageRecord } from '../core/record.ts';
import { createBatcher } from '../lib/batches.ts';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent';

export interface LogOptions {
  readonly level: LogLevel;
  /** Where lines go; standard output, buffered, if not said. */
  readonly to?: DestinationStream;
}

export interface Log {
  /** Failed requests are `warn`, all others `info`. About 4 µs. */
  readonly sink: Sink;
  /** An error that is nobody's but ours, with its stack. */
  reportBug(error: unknown): void;
  info(message: string): void;
  warn(message: string): void;
  /** Writes out what is buffered. */
  close(): void;
}

/** Lines are handed to the system together: a write for each costs more than making it. */
const BATCH = { maxSize: 64, waitMs: 200 };
const NAME_LENGTH = 80;

export function createLog({ level, to }: LogOptions): Log {
  const stdout = to === undefined ? batchedLines(destination({ sync: false })) : undefined;
  const logger = pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.epochTime,
      formatters: { level: (name) => ({ level: name }) },
    },
    to ?? stdout,
  );
  return {
    sink: (record) => {
      if (record.outcome === 'failed') logger.warn(lineOf(record));
      else logger.info(lineOf(record));
    },
    reportBug: (error) => logger.error({ err: error }, 'a bug of the gateway'),
    info: (message) => logger.info(message),
    warn: (message) => logger.warn(message),
    close: () => stdout?.close(),
  };
}

interface Lines extends DestinationStream {
  /** Writes out what waits. */
  close(): void;
}

/** What waits is written when the process ends, too: the last lines before a crash say why. */
export function batchedLines(stream: ReturnType<typeof destination>): Lines {
  const { add, flush } = createBatcher<string>(BATCH, (lines) => stream.write(lines.join('')));
  const writeOut = (): void => {
    flush();
    try {
      stream.flushSync();
    } catch {
      // It throws while its file is not open yet: then nothing was taken either.
    }
  };
  process.once('exit', writeOut);
  return {
    write: add,
    close: () => {
      process.removeListener('exit', writeOut);
      writeOut();
    },
  };
}

/**
 * The record without what only the ledger needs: readings, exclusions, facts. Literals on purpose: put
 * together by spreading it takes three times as long, on the thread that serves requests.
 */
const lineOf = (record: UsageRecord): Record<string, unknown> => ({
  id: record.id,
  operation: record.operation,
  stream: record.stream,
  caller: record.caller,
  requestedModel: record.requestedModel.slice(0, NAME_LENGTH),
  outcome: record.outcome,
  status: record.status,
  errorCode: record.errorCode,
  degraded: record.degraded,
  latencyMs: record.latencyMs,
  ttftMs: record.ttftMs,
  routeMs: record.overheadMs.route,
  overheadMs: record.overheadMs.total,
  baselineNanoUsd: record.baselineNanoUsd,
  decision: record.decision && decisionOf(record.decision),
  attempts: record.attempts.map(attemptOf),
});

const decisionOf = ({ policy, rule, complexity }: Decision) => ({
  policy: `${policy.name}@${policy.version}`,
  rule,
  complexity,
});

const attemptOf = (attempt: Attempt) => ({
  upstream: attempt.upstream,
  tier: attempt.tier,
  model: attempt.model,
  outcome: attempt.outcome,
  cause: attempt.cause,
  latencyMs: attempt.latencyMs,
  usage: attempt.usage,
  costNanoUsd: attempt.cost?.totalNanoUsd ?? null,
  energy: attempt.energy,
});
