/** What a policy collects for distillation, from the request to the exported lines, and what it never does. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCommand } from 'citty';
import { openCollected } from '../../src/offline.ts';
import type { CollectedStanding } from '../../src/core/admin-collected.ts';
import { collectedCommand } from '../../src/commands/collected.ts';
import { exportCommand } from '../../src/commands/export.ts';
import {
  HARD,
  simplePolicy,
  startTestGateway,
  type WholeGateway,
} from '../support/gateway-fixture.ts';
import { gatewayPerTest } from '../support/gateway-per-test.ts';

const open = gatewayPerTest();

const env = {
  ADMIN: 'admin-key-0123456789',
  BOT: 'bot-key-0123456789ab',
  SHY: 'shy-key-0123456789ab',
};
const config = `auth:
  mode: keys
  adminKey: '\${ADMIN}'
  keys:
    - { name: bot, key: '\${BOT}', labels: { consent: distillation } }
    - { name: shy, key: '\${SHY}' }`;
const POLICY = `constraints:
  - { name: secret-stays, when: 'request.maxTokens == 77', require: { locality: local } }
collect: { when: 'request.inputTokens > 10', answers: large, retentionDays: 7 }`;

async function started(): Promise<WholeGateway> {
  return await open({
    config,
    env,
    store: 'sqlite',
    policy: simplePolicy(POLICY),
    cloud: {
      name: 'cloud',
      models: ['gpt-4o'],
      behaviour: ({ body }) => ({
        kind: 'answer',
        text: `Ask ana@ejemplo.es about ${JSON.stringify(body['messages']).length}.`,
      }),
    },
  });
}

const bearer = (secret: string) => ({ headers: { authorization: `Bearer ${secret}` } });

async function asked(
  whole: WholeGateway,
  key: string,
  content: string,
  more = {},
): Promise<string> {
  const answer = await whole.chat(content, more, bearer(key));
  await answer.text();
  return answer.headers.get('x-request-id') ?? '';
}

/** Waits for what was taken, as every stop does. */
async function stopped(whole: WholeGateway) {
  await whole.gateway.close();
  const path = join(whole.folder, 'collected.db');
  if (!existsSync(path)) return [];
  const file = openCollected(path);
  try {
    return [...file.all()];
  } finally {
    file.close();
  }
}

test('of a key that consents, the large answers that the policy names, masked', async () => {
  const whole = await started();
  const id = await asked(whole, env.BOT, `${HARD} Write to bo@exemple.fr.`);
  const streamed = await asked(whole, env.BOT, `${HARD} Again.`, { stream: true });
  await asked(whole, env.BOT, 'hi');
  const found = await stopped(whole);
  expect(found.map(({ requestId }) => requestId)).toEqual([id, streamed]);
  expect(found[0]).toMatchObject({
    caller: 'bot',
    model: 'gpt-4o',
    messages: [{ role: 'user', text: `${HARD} Write to <EMAIL_1>.` }],
    answer: expect.stringMatching(/^Ask <EMAIL_2> about \d+\.$/),
  });
  expect(found[0]!.expiresMs - found[0]!.atMs).toBe(7 * 86_400_000);
  expect(statSync(join(whole.folder, 'collected.db')).mode & 0o777).toBe(0o600);
});

test('nothing of a key that does not consent, nothing that must stay here, nothing cut short', async () => {
  const whole = await started();
  await asked(whole, env.SHY, HARD);
  await asked(whole, env.BOT, HARD, { max_tokens: 77 });
  await asked(whole, env.BOT, HARD, { tools: [{ type: 'function', function: { name: 'f' } }] });
  const metrics = await fetch(`${whole.gateway.url}/metrics`, bearer(env.ADMIN));
  const text = await metrics.text();
  expect(await stopped(whole)).toEqual([]);
  expect(text).toContain('smallfirst_collected_total{result="no-consent"} 1');
  expect(text).toContain('smallfirst_collected_total{result="unfit"} 1');
});

test('it is exported with a manifest, and deleted by the conversation of a request', async () => {
  const whole = await started();
  const id = await asked(whole, env.BOT, HARD);
  const disliked = await asked(
    whole,
    env.BOT,
    `${HARD} And then name three of its uses in biology.`,
  );
  const judged = await whole.post(
    '/v1/feedback',
    { request_id: disliked, score: -1 },
    bearer(env.BOT),
  );
  expect(judged.status).toBe(202);
  await whole.gateway.close();
  const out = join(whole.folder, 'out');
  const file = join(whole.folder, 'smallfirst.yaml');
  Object.assign(process.env, env);
  await runCommand(exportCommand, {
    rawArgs: [
      '--distillation',
      '--config',
      file,
      '--out',
      out,
      '--validation-share',
      '0',
      '--json',
    ],
  });
  const manifest = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8'));
  expect(manifest).toMatchObject({
    writers: [{ upstream: 'cloud', model: 'gpt-4o', train: 1 }],
    leftOut: { worse: 1 },
  });
  const [line] = readFileSync(join(out, 'train.jsonl'), 'utf8').split('\n');
  expect(JSON.parse(line!)).toEqual({
    messages: [
      { role: 'user', content: HARD },
      { role: 'assistant', content: expect.stringContaining('Ask <EMAIL_1>') },
    ],
  });
  await runCommand(collectedCommand, {
    rawArgs: ['delete', '--conversation', id, '--config', file],
  });
  expect((await stopped(whole)).map(({ requestId }) => requestId)).toEqual([disliked]);
});

test('a policy that collects is refused where there are no keys', async () => {
  await expect(startTestGateway({ policy: simplePolicy(POLICY) })).rejects.toThrow(
    /consent: distillation/,
  );
});

test('a viewer sees how much is kept and of whom, and an administrator deletes of it', async () => {
  const whole = await started();
  const id = await asked(whole, env.BOT, HARD);
  await asked(whole, env.SHY, HARD);
  const look = async () => {
    const answer = await fetch(`${whole.gateway.url}/admin/collected`, bearer(env.ADMIN));
    return (await answer.json()) as CollectedStanding;
  };
  await expect.poll(async () => (await look()).kept.length).toBe(1);
  expect(await look()).toMatchObject({
    collects: { when: 'request.inputTokens > 10', retentionDays: 7 },
    results: { collected: 1, 'no-consent': 1 },
    kept: [{ caller: 'bot', model: 'gpt-4o', answers: 1, conversations: 1 }],
  });
  const remove = async (body: object, key = env.ADMIN) => {
    const answer = await whole.post('/admin/collected/delete', body, bearer(key));
    return [answer.status, await answer.json()];
  };
  expect((await remove({ key: 'bot' }, env.BOT))[0]).toBe(401);
  expect(await remove({})).toMatchObject([
    400,
    { error: { message: expect.stringMatching(/say what to delete/) } },
  ]);
  expect((await remove({ request: 'req_of_nobody' }))[0]).toBe(400);
  expect(await remove({ key: 'bot', olderThanDays: 1 })).toEqual([200, { deleted: 0 }]);
  expect(await remove({ request: id })).toEqual([200, { deleted: 1 }]);
  expect((await look()).kept).toEqual([]);
});
