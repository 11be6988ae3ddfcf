/** What the page costs its reader: first content, bytes, and the page's main thread for one new request. */
import { performance } from 'node:perf_hooks';
import type { CDPSession, Page } from 'playwright-core';
import { openPage, launch, hasBrowser } from '../page/browser.ts';
import { startGateway } from '../support/gateway-process.ts';
import { startMockUpstream } from '../support/mock-upstream.ts';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const LOADS = 7;
const UPDATES = 15;

/** `path`: a ledger with records, which gets a few more. */
export async function measureBrowser(path: string, folder: string): Promise<void> {
  if (!hasBrowser) return;
  const small = await startMockUpstream({ name: 'local', models: ['slm'] });
  const config = join(folder, 'page.yaml');
  writeFileSync(
    config,
    `upstreams: [{ name: local, kind: openai, locality: local, url: ${small.url}, model: slm }]\nstore: { kind: sqlite, path: ${path} }\n`,
  );
  const gateway = await startGateway(config);
  const browser = await launch();
  const url = gateway.url.replace(/\/$/, '');
  try {
    for (const [name, view] of [
      ['overview', ''],
      ['requests', '/requests'],
    ] as const) {
      const loads: Load[] = [];
      for (let load = 0; load < LOADS; load += 1) {
        const { page } = await openPage(browser, 'about:blank');
        loads.push(await loaded(page, `${url}/dashboard${view}`));
        await page.context().close();
      }
      console.log(
        `  ${name}: first content ${middle(loads.map(({ paintMs }) => paintMs))} ms, ` +
          `data shown ${middle(loads.map(({ shownMs }) => shownMs))} ms, ${loads[0]!.bytes} bytes`,
      );
    }
    const { page } = await openPage(browser, `${url}/dashboard/requests`);
    await page.locator('.requests tbody tr').first().waitFor();
    const costs: number[] = [];
    for (let update = 0; update < UPDATES; update += 1) costs.push(await updated(page, url));
    console.log(`  one new request in the list: ${middle(costs)} ms of the page's main thread`);
  } finally {
    await browser.close();
    await gateway.stop();
    await small.close();
  }
}

interface Load {
  readonly paintMs: number;
  readonly shownMs: number;
  readonly bytes: number;
}

async function loaded(page: Page, url: string): Promise<Load> {
  let bytes = 0;
  const debug = await page.context().newCDPSession(page);
  await debug.send('Network.enable');
  debug.on('Network.loadingFinished', ({ encodedDataLength }) => (bytes += encodedDataLength));
  const begun = performance.now();
  await page.goto(url);
  await page.locator('.requests tbody tr, .tile').first().waitFor();
  const shownMs = performance.now() - begun;
  const paintMs = await page.evaluate(
    `performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0`,
  );
  return { paintMs: Number(paintMs), shownMs, bytes };
}

const taskMs = async (debug: CDPSession): Promise<number> => {
  const { metrics } = await debug.send('Performance.getMetrics');
  return 1000 * (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0);
};

/** A new request is told of, drawn and painted in less. */
const SETTLED_MS = 700;
const settled = async (): Promise<void> =>
  await new Promise((resolve) => setTimeout(resolve, SETTLED_MS));

/** Less what the page does in as long a time while nothing is new. Nothing is asked of the page meanwhile: that would count too. */
async function updated(page: Page, url: string): Promise<number> {
  const debug = await page.context().newCDPSession(page);
  // Its own time of a processor: what else runs on the machine is left out.
  await debug.send('Performance.enable', { timeDomain: 'threadTicks' });
  const before = await taskMs(debug);
  const answer = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'auto', messages: [{ role: 'user', content: 'Hello' }] }),
  });
  await settled();
  const after = await taskMs(debug);
  await settled();
  const idle = (await taskMs(debug)) - after;
  await debug.detach();
  await page.locator(`.requests a[href$="${answer.headers.get('x-request-id')}"]`).waitFor();
  return after - before - idle;
}

/** Least and median. */
function middle(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  return `${sorted[0]!.toFixed(0)}, ${sorted[sorted.length >> 1]!.toFixed(0)}`;
}
