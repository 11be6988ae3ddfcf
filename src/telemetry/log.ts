/**
 * One JSON line per record: names, figures and causes, never a word of the caller's. Only the name of
 * the model that was asked for is theirs, cut to a length that no prompt fits in.
 */
import { destination, pino, stdTimeFunctions, type DestinationStream } from 'pino';
import type { Decision } from '../core/decision.ts';
import type { Attempt, Sink, UsageRecord } from '../core/record.ts';

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

/** Lines are handed to the system together: so many, or those of so long. A write for each costs more than making it. */
const LINES_TOGETHER = 64;
const FLUSH_EVERY_MS = 200;
const NAME_LENGTH = 80;

export function createLog({ level, to }: LogOptions): Log {
  const stdout = to === undefined ? linesToStdout() : undefined;
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

function linesToStdout(): Lines {
  const stdout = destination({ sync: false });
  let lines: string[] = [];
  let timer: NodeJS.Timeout | undefined;
  const handOver = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (lines.length > 0) stdout.write(lines.join(''));
    lines = [];
  };
  return {
    write: (line) => {
      lines.push(line);
      if (lines.length >= LINES_TOGETHER) handOver();
      else timer ??= setTimeout(handOver, FLUSH_EVERY_MS).unref();
    },
    close: () => {
      handOver();
      try {
        stdout.flushSync();
      } catch {
        // It throws while its file is not open yet: then nothing was taken either.
      }
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
