/** `/metrics` as scrapers ask for it. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EASY, startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';

/** What Prometheus 2.42 sends. */
const PROMETHEUS =
  'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';

let whole: WholeGateway;
let id: string | null;
beforeAll(async () => {
  whole = await startTestGateway();
  const answer = await whole.chat(EASY);
  await answer.text();
  id = answer.headers.get('x-request-id');
});
afterAll(() => whole.close());

const scrape = async (accept?: string) => {
  const headers: Record<string, string> = accept === undefined ? {} : { accept };
  const answer = await fetch(`${whole.gateway.url}/metrics`, { headers });
  return { type: answer.headers.get('content-type'), text: await answer.text() };
};

test('a scraper that asks for OpenMetrics gets it, with the id of a request', async () => {
  const { type, text } = await scrape(PROMETHEUS);
  expect(type).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
  expect(text).toContain(`# {request_id="${id}"}`);
  expect(text.endsWith('# EOF\n')).toBe(true);
});

test.each([
  ['nobody in particular', undefined],
  ['a browser', 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'],
  ['who asks for text', 'text/plain'],
  ['who would rather have text', 'application/openmetrics-text;q=0.1,text/plain;q=0.9'],
])('%s gets text, without an id', async (_who, accept) => {
  const { type, text } = await scrape(accept);
  expect(type).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(text).not.toContain('request_id');
  expect(text).not.toContain('# EOF');
});
