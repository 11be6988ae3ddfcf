import { describe, expect, test } from 'vitest';
import { aRecord, anAttempt } from '../../test/support/record.ts';
import { createMetrics, type ScrapeSources } from './metrics.ts';
import { METRICS } from './metric-definitions.ts';

const known = new Set(['qwen3:4b', 'gpt-4o']);

const metrics = (watched: ScrapeSources = {}) =>
  createMetrics({
    buildInfo: { version: '0.1.0', commit: 'abc' },
    isKnownModel: (model) => known.has(model),
    watched,
  });

/** The samples of the gateway's own metrics, without `smallfirst_`. */
async function scrape(from: ReturnType<typeof metrics>): Promise<readonly string[]> {
  const lines = (await from.text()).split('\n');
  return lines
    .filter((line) => line.startsWith('smallfirst_') || line.startsWith('gen_ai_'))
    .map((line) => line.replace('smallfirst_', ''));
}

describe('a finished record', () => {
  test('feeds every metric that it has a value for', async () => {
    const own = metrics();
    own.sink(aRecord());
    expect(await scrape(own)).toEqual(
      expect.arrayContaining([
        'requests_total{operation="chat",tier="small",upstream="local",outcome="answered"} 1',
        'request_duration_seconds_count{operation="chat",upstream="local",stream="false"} 1',
        'time_to_first_token_seconds_sum{upstream="local"} 0.1205',
        'overhead_seconds_count{phase="route"} 1',
        'overhead_seconds_sum{phase="total"} 0.00075',
        'decisions_total{policy="default",rule="objective",tier="small",mode="on"} 1',
        'complexity_sum 0.21',
        'signal_abstentions_total{signal="pii",cause="not_applicable"} 1',
        'upstream_attempts_total{upstream="local",outcome="ok",cause="none"} 1',
        'cost_usd_total{upstream="local",model="qwen3:4b",kind="energy"} 0.0000015',
        'baseline_cost_usd_total 0.000675',
        'energy_joules_total{upstream="local",model="qwen3:4b",method="modelled",bound="low"} 7',
        'energy_joules_total{upstream="local",model="qwen3:4b",method="modelled",bound="high"} 69',
        'gen_ai_client_token_usage_sum{gen_ai_operation_name="chat",gen_ai_request_model="qwen3:4b",gen_ai_token_type="input"} 100',
        'gen_ai_server_request_duration_seconds_count{gen_ai_operation_name="chat",gen_ai_request_model="qwen3:4b",error_type=""} 1',
        'gen_ai_server_time_to_first_token_seconds_count{gen_ai_operation_name="chat",gen_ai_request_model="qwen3:4b"} 1',
      ]),
    );
  });

  test('counts each token once, as one kind', async () => {
    const own = metrics();
    own.sink(aRecord());
    const tokens = (await scrape(own)).filter((line) => line.startsWith('tokens_total'));
    const series = (kind: string, count: number) =>
      `tokens_total{upstream="local",model="qwen3:4b",kind="${kind}",source="reported"} ${count}`;
    expect(tokens).toEqual([
      series('input', 80),
      series('cached_input', 20),
      series('output', 40),
      series('reasoning', 10),
    ]);
  });

  test('with a failed first attempt counts the fallback', async () => {
    const own = metrics();
    const {
      usage: _,
      ttftMs: __,
      ...failed
    } = anAttempt({
      upstream: 'cloud',
      outcome: 'failed',
      cause: 'timeout',
      cost: null,
      energy: null,
    });
    own.sink(aRecord({ attempts: [failed, anAttempt()] }));
    const lines = await scrape(own);
    expect(lines).toContain('fallbacks_total{from="cloud",to="local",cause="timeout"} 1');
    expect(lines).toContain(
      'upstream_attempts_total{upstream="cloud",outcome="failed",cause="timeout"} 1',
    );
    expect(lines.join('\n')).not.toContain('unpriced_requests_total{upstream="cloud"}');
  });

  test('whose tokens have no price is counted as unpriced, not as free', async () => {
    const own = metrics();
    own.sink(aRecord({ attempts: [anAttempt({ cost: null })] }));
    const lines = await scrape(own);
    expect(lines).toContain('unpriced_requests_total{upstream="local"} 1');
    expect(lines.join('\n')).not.toMatch(/^cost_usd_total/m);
  });

  test('of a request that was rejected before the decision is counted', async () => {
    const own = metrics();
    const { decision: _, ttftMs: __, ...early } = aRecord();
    own.sink({ ...early, readings: {}, attempts: [], outcome: 'failed', status: 400 });
    expect(await scrape(own)).toContain(
      'requests_total{operation="chat",tier="none",upstream="none",outcome="failed"} 1',
    );
  });

  test('that got an error is counted by its code', async () => {
    const own = metrics();
    own.sink(aRecord());
    own.sink(aRecord({ outcome: 'failed', status: 504, errorCode: 'upstream_timeout' }));
    const errors = (await scrape(own)).filter((line) => line.startsWith('errors_total'));
    expect(errors).toEqual(['errors_total{code="upstream_timeout"} 1']);
  });

  test('uses no unknown model name as a label', async () => {
    const own = metrics();
    own.sink(aRecord({ attempts: [anAttempt({ model: 'x"; DROP TABLE' })] }));
    const text = await own.text();
    expect(text).toContain('model="other"');
    expect(text).not.toContain('DROP');
  });

  test('uses no text from the caller as a label', async () => {
    const own = metrics();
    own.sink(aRecord({ requestedModel: 'SECRETMODEL', caller: 'SECRETCALLER', id: 'SECRETID' }));
    expect(await own.text()).not.toContain('SECRET');
  });
});

describe('a scrape', () => {
  test('reads the current values of its sources', async () => {
    const own = metrics({
      inflight: () => ({ local: 3 }),
      queueDepth: () => ({ local: 2 }),
      upstreamState: () => ({ local: 'healthy', cloud: 'open' }),
      policy: () => ({ name: 'default', version: 'v', mode: 'on' }),
      ledger: () => ({ queued: 4, lagMs: 1_500, dropped: 5 }),
    });
    expect(await scrape(own)).toEqual(
      expect.arrayContaining([
        'inflight_requests{upstream="local"} 3',
        'queue_depth{upstream="local"} 2',
        'upstream_state{upstream="local",state="healthy"} 1',
        'upstream_state{upstream="cloud",state="open"} 1',
        'policy_info{name="default",version="v",mode="on"} 1',
        'ledger_lag_seconds 1.5',
        'ledger_queue 4',
        'ledger_dropped_total 5',
        'build_info{version="0.1.0",commit="abc"} 1',
        'series_dropped_total 0',
      ]),
    );
  });

  test('declares every metric once, with its help, and has process metrics', async () => {
    const text = await metrics().text();
    for (const { name } of Object.values(METRICS)) {
      expect(text.split(`# HELP ${name} `), name).toHaveLength(2);
      expect(text.split(`# TYPE ${name} `), name).toHaveLength(2);
    }
    expect(text).toContain('process_resident_memory_bytes');
  });

  test('has only lines of the text format', async () => {
    const own = metrics();
    own.sink(aRecord());
    own.signalTimer('complexity', 0.0002);
    const lines = (await own.text()).split('\n').filter((line) => line !== '');
    const sample = /^[a-z_]\w*(?:\{(?:\w+="[^"]*",?)*\})? (?:[-+.\de]+|NaN|\+Inf)$/;
    for (const line of lines) if (!line.startsWith('#')) expect(line).toMatch(sample);
    expect(own.contentType).toContain('text/plain');
  });
});

describe('a scrape that asks for OpenMetrics', () => {
  const lines = async () => {
    const own = metrics();
    own.sink(aRecord({ id: 'req_7' }));
    const text = await own.openMetrics.text();
    return { text, lines: text.split('\n') };
  };

  test('ends with the end marker, has no empty line, and has the content type', async () => {
    const { text } = await lines();
    expect(text.endsWith('\n# EOF\n')).toBe(true);
    expect(text).not.toContain('\n\n');
    expect(metrics().openMetrics.contentType).toContain('application/openmetrics-text');
  });

  test('names the request in the latency histograms', async () => {
    const { lines: all } = await lines();
    const of = (metric: string) => all.filter((line) => line.startsWith(metric)).join('\n');
    for (const metric of [
      'request_duration_seconds',
      'time_to_first_token_seconds',
      'overhead_seconds',
    ])
      expect(of(`smallfirst_${metric}_bucket`)).toContain(' # {request_id="req_7"} ');
    expect(of('smallfirst_time_to_first_token_seconds')).toContain(
      '{upstream="local",le="0.25"} 1 # {request_id="req_7"} 0.1205 1790000000.813',
    );
  });

  test('names every counter as the format requires, process metrics included', async () => {
    const { lines: all } = await lines();
    const counters = all
      .filter((line) => line.endsWith(' counter'))
      .map((line) => line.split(' ')[2]!);
    expect(counters).toContain('process_cpu_user_seconds');
    for (const name of counters) {
      expect(name).not.toMatch(/_total$/);
      for (const line of all)
        if (line.startsWith(`${name}{`) || line.startsWith(`${name} `)) expect(line).toBe('');
    }
  });

  test('does not change the Prometheus format', async () => {
    const own = metrics();
    await own.openMetrics.text();
    expect(await own.text()).toContain('# TYPE process_cpu_user_seconds_total counter\n');
  });
});
