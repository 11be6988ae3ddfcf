/**
 * One JSON line per record: names, figures and causes, no prompt text. The only text from the caller is
 * the requested model's name, cut to a length that no prompt fits in.
 */
import { writeSync } from 'node:fs';
import { pino, stdTimeFunctions, type DestinationStream } from 'pino';
import type { Decision } from '../core/decision.ts';
import type { Attempt, Sink, UsageRecord } from '../core/record.ts';
import { lineWriter } from './line-writer.ts';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent';

export interface LogOptions {
  readonly level: LogLevel;
  /** Where lines go; buffered standard output by default. */
  readonly to?: DestinationStream;
}

export interface Log {
  /** Failed requests are `warn`, all others `info`. About 2.5 µs. */
  readonly sink: Sink;
  /** Logs an unexpected error (a bug of the gateway) with its stack, and the id that the caller was given. */
  reportBug(error: unknown, requestId?: string): void;
  /** Lines that could not be written. */
  dropped(): number;
  info(message: string): void;
  warn(message: string): void;
  /** Writes out what is buffered. */
  close(): void;
}

const NAME_LENGTH = 80;

export function createLog({ level, to }: LogOptions): Log {
  const stdout = to === undefined ? lineWriter({ fd: 1, say: sayOnce }) : undefined;
  const logger = pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.epochTime,
      formatters: { level: (name) => ({ level: name }) },
    },
    to ?? stdout,
  );
  const out = to ?? stdout;
  const [isInfo, isWarn] = [logger.isLevelEnabled('info'), logger.isLevelEnabled('warn')];
  return {
    sink: (record) => {
      const isFailure = record.outcome === 'failed';
      // Not through pino, which writes member by member; the same line.
      if (isFailure ? isWarn : isInfo) out?.write(lineOf(record, isFailure ? 'warn' : 'info'));
    },
    reportBug: (error, id) =>
      logger.error(id === undefined ? { err: error } : { id, err: error }, 'a bug of the gateway'),
    dropped: () => stdout?.dropped() ?? 0,
    info: (message) => logger.info(message),
    warn: (message) => logger.warn(message),
    close: () => stdout?.close(),
  };
}

/** Standard error may lie on the same full volume. */
function sayOnce(line: string): void {
  try {
    writeSync(2, `${line}\n`);
  } catch {
    // Nobody is left to tell.
  }
}

/**
 * The record without what only the ledger needs: readings, exclusions, facts. Object literals, because
 * spreading takes three times as long, on the thread that serves requests.
 */
const lineOf = (record: UsageRecord, level: 'info' | 'warn'): string =>
  `${JSON.stringify({
    level,
    time: Date.now(),
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
  })}\n`;

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
