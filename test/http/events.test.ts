/** What an open page is told without asking. */
import { afterEach, expect, test } from 'vitest';
import { eventData } from '../../src/core/admin-requests.ts';
import { EASY, startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';

interface Told {
  readonly id: string | undefined;
  readonly name: string;
  readonly data: unknown;
}

let whole: WholeGateway;
afterEach(() => whole.close());

/** The next events of a page; closed by `end`. */
async function openPage(headers: Record<string, string> = {}) {
  const leaving = new AbortController();
  const answer = await fetch(`${whole.gateway.url}/admin/events`, {
    headers,
    signal: leaving.signal,
  });
  const events = eventsIn(answer);
  return {
    status: answer.status,
    next: async (): Promise<Told> => (await events.next()).value!,
    end: () => leaving.abort(),
  };
}

async function* eventsIn(answer: Response): AsyncGenerator<Told, undefined> {
  let text = '';
  for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
      const [, id, name, data] =
        /^(?:id: (.*)\n)?event: (.*)\ndata: (.*)$/.exec(text.slice(0, end)) ?? [];
      text = text.slice(end + 2);
      if (name !== undefined) yield { id, name, data: JSON.parse(data!) };
    }
  }
  return undefined;
}

test('a page is told the state, then each request as a row, and goes on where it was cut', async () => {
  whole = await startTestGateway();
  const page = await openPage();
  const state = await page.next();
  expect(state.name).toBe('state');
  expect(eventData.state.parse(state.data)).toMatchObject({
    policy: { name: 'test' },
    ready: true,
  });
  await (await whole.chat(EASY)).text();
  const told = await page.next();
  expect(told.name).toBe('rows');
  expect(eventData.rows.parse(told.data).rows).toMatchObject([
    { outcome: 'answered', tier: 'small' },
  ]);
  page.end();
  await (await whole.chat(EASY, { model: 'large' })).text();
  const again = await openPage({ 'last-event-id': told.id! });
  expect(await again.next()).toMatchObject({ name: 'state' });
  expect(await again.next()).toMatchObject({ name: 'rows', data: { rows: [{ tier: 'large' }] } });
  again.end();
});

test('who comes back after too long reads the list anew', async () => {
  whole = await startTestGateway();
  const page = await openPage({ 'last-event-id': '17' });
  expect(await page.next()).toMatchObject({ name: 'gap', data: {} });
  page.end();
});

test('more than 20 pages have to ask instead', async () => {
  whole = await startTestGateway();
  const pages = [];
  for (let at = 0; at < 20; at += 1) pages.push(await openPage());
  const refused = await openPage();
  expect(refused.status).toBe(503);
  for (const page of pages) page.end();
});
