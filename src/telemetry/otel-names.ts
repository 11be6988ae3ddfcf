/**
 * OpenTelemetry's GenAI names (semantic conventions 1.37) in Prometheus' form: dots become underscores
 * and units a suffix. The buckets' bounds are those that the conventions advise.
 */
import type { Attempt, UsageRecord } from '../core/record.ts';
import { NANO_PER_USD } from './nano-usd.ts';
import type { MetricRegistry } from './series.ts';

const TOKEN_BUCKETS = [
  1, 4, 16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216,
  67_108_864,
];
const DURATION_BUCKETS = [
  0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
];
const FIRST_TOKEN_BUCKETS = [
  0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
];

/** The conventions' name of each operation. */
const OPERATION: Readonly<Record<UsageRecord['operation'], string>> = {
  chat: 'chat',
  responses: 'chat',
  messages: 'chat',
  text_completion: 'text_completion',
  embeddings: 'embeddings',
  passthrough: 'passthrough',
};

export interface OtelFeed {
  /** `model` is the label value that stands for the attempt's model. */
  attempt(record: UsageRecord, attempt: Attempt, model: string): void;
}

export function otelFeed(series: MetricRegistry): OtelFeed {
  const labels = ['gen_ai_operation_name', 'gen_ai_request_model'];
  const tokens = series.histogram(
    {
      name: 'gen_ai_client_token_usage',
      help: 'Tokens of a call to an upstream, by type (OpenTelemetry gen_ai.client.token.usage).',
      across: 'sum',
      labels: [...labels, 'gen_ai_token_type'],
    },
    TOKEN_BUCKETS,
  );
  const duration = series.histogram(
    {
      name: 'gen_ai_server_request_duration_seconds',
      help: 'Time of a call to an upstream (OpenTelemetry gen_ai.server.request.duration).',
      across: 'sum',
      labels: [...labels, 'error_type'],
    },
    DURATION_BUCKETS,
  );
  const firstToken = series.histogram(
    {
      name: 'gen_ai_server_time_to_first_token_seconds',
      help: 'Time to the first token of a call (OpenTelemetry gen_ai.server.time_to_first_token).',
      across: 'sum',
      labels,
    },
    FIRST_TOKEN_BUCKETS,
  );
  return {
    attempt: ({ operation }, { usage, latencyMs, ttftMs, cause }, model) => {
      const name = OPERATION[operation];
      duration.observe(latencyMs / 1000, name, model, cause ?? '');
      if (ttftMs !== undefined) firstToken.observe(ttftMs / 1000, name, model);
      if (usage === undefined) return;
      tokens.observe(usage.inputTokens, name, model, 'input');
      tokens.observe(usage.outputTokens, name, model, 'output');
    },
  };
}

/** Undefined values are left out. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** Longer than any model's name and too short for a prompt. */
const NAME_LENGTH = 80;

/** Attributes of a request's span; those without a name in the conventions start with `smallfirst.`. */
export function requestAttributes(record: UsageRecord): Attributes {
  const { decision, errorCode } = record;
  return {
    'gen_ai.operation.name': OPERATION[record.operation],
    'gen_ai.request.model': record.requestedModel.slice(0, NAME_LENGTH),
    'http.response.status_code': record.status,
    'error.type': errorCode,
    'smallfirst.request.id': record.id,
    'smallfirst.request.stream': record.stream,
    'smallfirst.outcome': record.outcome,
    'smallfirst.degraded': record.degraded,
    'smallfirst.policy': decision && `${decision.policy.name}@${decision.policy.version}`,
    'smallfirst.mode': decision?.policy.mode,
    'smallfirst.rule': decision?.rule,
    'smallfirst.complexity': decision?.complexity ?? undefined,
    'smallfirst.overhead.route_ms': record.overheadMs.route,
    'smallfirst.overhead.total_ms': record.overheadMs.total,
  };
}

/** Attributes of an attempt's span. */
export function attemptAttributes({ operation }: UsageRecord, attempt: Attempt): Attributes {
  const { usage, cost, energy, cause, verdict } = attempt;
  return {
    'gen_ai.operation.name': OPERATION[operation],
    // The conventions require a provider; the upstream's configured name is the only one known.
    'gen_ai.provider.name': attempt.upstream,
    'gen_ai.request.model': attempt.model,
    'gen_ai.response.model': attempt.answeredModel,
    'gen_ai.usage.input_tokens': usage?.inputTokens,
    'gen_ai.usage.output_tokens': usage?.outputTokens,
    'gen_ai.usage.cache_read.input_tokens': usage?.cachedInputTokens,
    'http.response.status_code': attempt.status,
    'error.type': cause,
    'smallfirst.attempt.kind': attempt.kind,
    'smallfirst.verdict': verdict?.kind,
    'smallfirst.verdict.check': verdict?.kind === 'fail' ? verdict.check : undefined,
    'smallfirst.tier': attempt.tier,
    'smallfirst.locality': attempt.locality,
    'smallfirst.outcome': attempt.outcome,
    'smallfirst.usage.source': usage?.source,
    'smallfirst.egress_bytes': attempt.egressBytes,
    'smallfirst.cost_usd': cost === null ? undefined : cost.totalNanoUsd / NANO_PER_USD,
    'smallfirst.energy.low_j': energy?.lowJ,
    'smallfirst.energy.high_j': energy?.highJ,
    'smallfirst.energy.method': energy?.method,
    'smallfirst.shadow': attempt.shadow,
  };
}
