/** The trace exporter's settings, from OpenTelemetry's standard variables. Without an endpoint nothing is exported. */

export interface TraceSettings {
  /** The complete URL to `POST` to. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** `service.name` and what `OTEL_RESOURCE_ATTRIBUTES` adds. */
  readonly resource: Readonly<Record<string, string>>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The specification's default. */
const TIMEOUT_MS = 10_000;

/** @throws Error that names the variable, what is wrong with it, and what to write */
export function traceSettings(env: Environment): TraceSettings | undefined {
  const isOff = env['OTEL_SDK_DISABLED'] === 'true' || env['OTEL_TRACES_EXPORTER'] === 'none';
  const url = isOff ? undefined : endpoint(env);
  if (url === undefined) return undefined;
  refuseGrpc(env);
  const own = { 'service.name': env['OTEL_SERVICE_NAME'] || 'smallfirst' };
  return {
    url,
    headers: {
      ...pairs(env, 'OTEL_EXPORTER_OTLP_HEADERS'),
      ...pairs(env, 'OTEL_EXPORTER_OTLP_TRACES_HEADERS'),
    },
    timeoutMs: timeout(env),
    resource: {
      ...own,
      ...pairs(env, 'OTEL_RESOURCE_ATTRIBUTES'),
      ...(env['OTEL_SERVICE_NAME'] ? own : {}),
    },
  };
}

function endpoint(env: Environment): string | undefined {
  const whole = env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] || undefined;
  const base = env['OTEL_EXPORTER_OTLP_ENDPOINT'] || undefined;
  if (whole !== undefined) return checked('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', whole);
  if (base === undefined) return undefined;
  return `${checked('OTEL_EXPORTER_OTLP_ENDPOINT', base).replace(/\/+$/, '')}/v1/traces`;
}

function checked(variable: string, text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw new Error(`${variable} must be an http:// or https:// address: http://127.0.0.1:4318`);
}

/** Only JSON over HTTP is implemented, which every OTLP/HTTP collector accepts. */
function refuseGrpc(env: Environment): void {
  const variable =
    env['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'] || env['OTEL_EXPORTER_OTLP_PROTOCOL'] || 'http/json';
  if (variable !== 'grpc') return;
  throw new Error(
    'OTEL_EXPORTER_OTLP_PROTOCOL is grpc, which is not supported: write http/json, and the HTTP port of the collector (usually 4318)',
  );
}

function timeout(env: Environment): number {
  const text =
    env['OTEL_EXPORTER_OTLP_TRACES_TIMEOUT'] || env['OTEL_EXPORTER_OTLP_TIMEOUT'] || TIMEOUT_MS;
  const ms = Number(text);
  if (Number.isInteger(ms) && ms > 0) return ms;
  throw new Error('OTEL_EXPORTER_OTLP_TIMEOUT must be milliseconds, such as 10000');
}

/** `key=value,key=value`, values percent-encoded. */
function pairs(env: Environment, variable: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const pair of (env[variable] ?? '').split(',')) {
    if (pair.trim() === '') continue;
    const at = pair.indexOf('=');
    if (at < 1) throw new Error(`${variable} must be key=value pairs with commas between them`);
    found[pair.slice(0, at).trim()] = decoded(variable, pair.slice(at + 1).trim());
  }
  return found;
}

function decoded(variable: string, text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Error(`${variable} has a % that begins no percent-encoded character: write %25`);
  }
}
