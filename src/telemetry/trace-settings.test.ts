import { expect, test } from 'vitest';
import { traceSettings } from './trace-settings.ts';

const BASE = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' };

test.each([
  ['no endpoint', {}],
  ['an empty one', { OTEL_EXPORTER_OTLP_ENDPOINT: '' }],
  ['a disabled SDK', { ...BASE, OTEL_SDK_DISABLED: 'true' }],
  ['no exporter of traces', { ...BASE, OTEL_TRACES_EXPORTER: 'none' }],
])('%s: no traces', (_what, env) => {
  expect(traceSettings(env)).toBeUndefined();
});

test('the path is added to the general endpoint, and not to the one for traces', () => {
  const url = 'http://127.0.0.1:4318/v1/traces';
  expect(traceSettings(BASE)?.url).toBe(url);
  expect(traceSettings({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:4318/` })?.url).toBe(url);
  const own = { ...BASE, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://traces.example/otlp' };
  expect(traceSettings(own)?.url).toBe('https://traces.example/otlp');
});

test('headers and attributes are pairs with percent-encoded values', () => {
  const settings = traceSettings({
    ...BASE,
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Basic%20abc=, x-team=shop',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test,service.name=ignored',
    OTEL_SERVICE_NAME: 'front',
  });
  expect(settings?.headers).toEqual({ authorization: 'Basic abc=', 'x-team': 'shop' });
  expect(settings?.resource).toEqual({
    'deployment.environment.name': 'test',
    'service.name': 'front',
  });
});

test('the default service name is smallfirst', () => {
  expect(traceSettings(BASE)?.resource).toEqual({ 'service.name': 'smallfirst' });
});

test.each([
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' }, /ENDPOINT must be an http/],
  [{ ...BASE, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, /write http\/json/],
  [{ ...BASE, OTEL_EXPORTER_OTLP_TIMEOUT: 'soon' }, /TIMEOUT must be milliseconds/],
  [{ ...BASE, OTEL_EXPORTER_OTLP_HEADERS: 'secret' }, /HEADERS must be key=value/],
  [{ ...BASE, OTEL_EXPORTER_OTLP_HEADERS: 'a=%zz' }, /write %25/],
])('%j is refused, with what to write instead', (env, message) => {
  expect(() => traceSettings(env)).toThrow(message);
});
