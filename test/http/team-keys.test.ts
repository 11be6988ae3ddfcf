/** A provider's credential for each team: whose key asks decides which one is sent. */
import { afterEach, expect, test } from 'vitest';
import { startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';

let whole: WholeGateway | undefined;
afterEach(async () => {
  await whole?.close();
  whole = undefined;
});

const env = {
  SALES: 'key-of-sales-0123456789',
  OTHER: 'key-of-other-0123456789',
  CLOUD: 'cloud-own-0123456789',
  CLOUD_SALES: 'cloud-sales-0123456789',
};

const start = async (cloud: object = {}): Promise<WholeGateway> => {
  whole = await startTestGateway({
    env,
    cloud,
    cloudMore: ", apiKey: '${CLOUD}', apiKeys: { sales: '${CLOUD_SALES}' }",
    config: `auth:
  mode: keys
  keys:
    - { name: seller, key: '\${SALES}', team: sales }
    - { name: other, key: '\${OTHER}' }`,
  });
  return whole;
};

test('a key of the team is sent with the team’s credential, every other with the upstream’s own', async () => {
  const { chat, post, cloud } = await start();
  const as = (key: string) => ({ headers: { authorization: `Bearer ${key}` } });
  for (const key of [env.SALES, env.OTHER])
    await (await chat('Hi', { model: 'large', stream: true }, as(key))).text();
  await (await post('/v1/moderations', { input: 'Hi' }, as(env.SALES))).text();
  expect(cloud.requests.map(({ headers }) => headers['authorization'])).toEqual([
    `Bearer ${env.CLOUD_SALES}`,
    `Bearer ${env.CLOUD}`,
    `Bearer ${env.CLOUD_SALES}`,
  ]);
});

test('no error shows it', async () => {
  const { chat } = await start({
    behaviour: () => ({ kind: 'error', status: 400, message: `not ${env.CLOUD_SALES}` }),
  });
  const headers = { authorization: `Bearer ${env.SALES}` };
  const refused = await chat('Hi', { model: 'large' }, { headers });
  expect(refused.status).toBe(400);
  expect(await refused.text()).not.toContain(env.CLOUD_SALES);
});

test('one that is written out in the file is refused, and not repeated', async () => {
  const starting = startTestGateway({ cloudMore: ', apiKeys: { sales: written-out-0123456789 }' });
  await expect(starting).rejects.toThrow(/`upstreams\[1\]\.apiKeys\.sales` is written out here/);
  await expect(starting).rejects.not.toThrow('written-out-0123456789');
});
