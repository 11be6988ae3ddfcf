import { expect, test } from 'vitest';
import { startGateway } from '../../app.ts';
import { loadConfig } from '../../config/load.ts';
import { upstreamKinds } from '../../upstreams/index.ts';
import { runDemo } from './run.ts';

/** The real gateway on a free port, until the first ten requests are reported. */
async function tenRequests(): Promise<{ lines: string[]; notice: string; metrics: string }> {
  const config = loadConfig({
    env: { SMALLFIRST_HOST: '127.0.0.1', SMALLFIRST_PORT: '0' },
    kinds: upstreamKinds,
  });
  const stopping = new AbortController();
  const lines: string[] = [];
  let notice = '';
  let url = '';
  let metrics = Promise.resolve('');
  await runDemo({
    config: { ...config, log: { ...config.log, level: 'silent' } },
    start: async (staged, shown) => {
      notice = shown;
      const gateway = await startGateway(staged, { printLine: () => {} });
      url = gateway.url;
      return gateway;
    },
    perSecond: 1000,
    random: () => 0.5,
    signal: stopping.signal,
    printLine: (line) => {
      lines.push(line);
      if (!line.includes('requests:')) return;
      metrics = fetch(`${url}/metrics`).then((response) => response.text());
      void metrics.finally(() => stopping.abort());
    },
  });
  return { lines, notice, metrics: await metrics };
}

test('requests are answered through the real gateway, every line has DEMO, and stopping stops everything', async () => {
  const { lines, notice, metrics } = await tenRequests();
  expect(lines.every((line) => line.startsWith('DEMO'))).toBe(true);
  expect(notice).toMatch(/^DEMO: .*scripted stand-ins/);
  expect(lines).toContainEqual(
    expect.stringMatching(/10 requests: \d+ small, \d+ large, 0 failed/),
  );
  expect(metrics).toMatch(/smallfirst_requests_total\{.*outcome="answered".*\} [1-9]/);
  expect(lines.at(-1)).toBe('DEMO  over');
});
