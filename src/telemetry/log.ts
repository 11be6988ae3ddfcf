/**
 * One JSON line per record: names, figures and causes, never a word of the caller's. Only the name of
 * the model that was asked for is theirs, cut to a length that no prompt fits in.
 */
import { destination, pino, stdTimeFunctions, type DestinationStream } from 'pino';
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

/** Lines are handed to the system together: when there is this much of them, or after this long. */
const BUFFER_BYTES = 32_768;
const FLUSH_EVERY_MS = 200;
const NAME_LENGTH = 80;

export function createLog({ level, to }: LogOptions): Log {
  const stdout =
    to === undefined
      ? destination({ sync: false, minLength: BUFFER_BYTES, periodicFlush: FLUSH_EVERY_MS })
      : undefined;
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
    close: () => {
      try {
        stdout?.flushSync();
      } catch {
        // It throws while its file is not open yet: then nothing was taken either.
      }
    },
  };
}

/**
 * The record without what only the ledger needs: readings, exclusions, facts. One literal on purpose: put
 * together by spreading it takes three times as long, and every request waits its turn behind it.
 */
function lineOf(record: UsageRecord): Record<string, unknown> {
  const { decision, attempts, facts, overheadMs } = record;
  const last = attempts.at(-1);
  const usage = last?.usage;
  const energy = last?.energy;
  return {
    id: record.id,
    operation: record.operation,
    stream: record.stream,
    caller: record.caller,
    requestedModel: record.requestedModel.slice(0, NAME_LENGTH),
    outcome: record.outcome,
    status: record.status,
    errorCode: record.errorCode,
    degraded: record.degraded,
    policy: decision && `${decision.policy.name}@${decision.policy.version}`,
    rule: decision?.rule,
    complexity: decision?.complexity,
    tier: last?.tier,
    upstream: last?.upstream,
    model: last?.model,
    cause: last?.cause,
    inputTokens: usage?.inputTokens ?? facts.inputTokens,
    cachedInputTokens: usage?.cachedInputTokens,
    outputTokens: usage?.outputTokens,
    usageSource: usage?.source,
    costNanoUsd: last?.cost?.totalNanoUsd,
    baselineNanoUsd: record.baselineNanoUsd,
    energyLowJ: energy?.lowJ,
    energyHighJ: energy?.highJ,
    energyMethod: energy?.method,
    latencyMs: record.latencyMs,
    ttftMs: record.ttftMs,
    routeMs: overheadMs.route,
    overheadMs: overheadMs.total,
    earlier: attempts.length > 1 ? attempts.slice(0, -1).map(briefOf) : undefined,
  };
}

const briefOf = ({ upstream, model, cause, latencyMs }: Attempt) => ({
  upstream,
  model,
  cause,
  latencyMs,
});
