import { afterAll, beforeAll, expect, test } from 'vitest';
import { EASY, startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';

let whole: WholeGateway;
beforeAll(async () => {
  whole = await startTestGateway();
});
afterAll(() => whole.close());

test('feedback on an answer is kept beside its record, and sent to nobody', async () => {
  const answer = await whole.chat(EASY);
  const id = answer.headers.get('x-request-id');
  const asked = whole.cloud.requests.length;
  const given = await whole.post('/v1/feedback', {
    request_id: id,
    score: -0.5,
    comment: 'too short',
  });
  expect(given.status).toBe(202);
  const shown = await fetch(`${whole.gateway.url}/admin/requests/${id}`);
  expect(await shown.json()).toMatchObject({
    id,
    feedback: [{ score: -0.5, comment: 'too short', caller: 'open' }],
  });
  expect(whole.cloud.requests).toHaveLength(asked);
});

test('once a request and key: sending again changes it', async () => {
  const answer = await whole.chat(EASY);
  const id = answer.headers.get('x-request-id');
  for (const score of [-1, 0.2, 1])
    expect((await whole.post('/v1/feedback', { request_id: id, score })).status).toBe(202);
  const shown = await fetch(`${whole.gateway.url}/admin/requests/${id}`);
  expect((await shown.json()) as object).toMatchObject({ feedback: [{ score: 1 }] });
});

test.each([
  [{ score: 1 }, 400, 'request_id'],
  [{ request_id: 'x', score: 2 }, 400, 'score'],
  [{ request_id: 'x', score: 'good' }, 400, 'score'],
  [{ request_id: 'x', score: 1, comment: 5 }, 400, 'comment'],
  [{ request_id: 'req_unknown', score: 1 }, 404, 'request_id'],
  ['not json', 400, null],
])('%o is %d, about %s', async (body, status, param) => {
  const answer = await whole.post('/v1/feedback', body);
  expect(answer.status).toBe(status);
  expect(await answer.json()).toMatchObject({ error: { param } });
});
