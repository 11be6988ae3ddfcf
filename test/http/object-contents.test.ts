/** What lies at the cloud is judged once, as it goes there: a file, a conversation, a store of vectors, a container, a response. */
import { mkdtempSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openStores } from '../../src/stores/open.ts';
import { startAccountCloud, type AccountCloud } from '../support/account-cloud.ts';
import { startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';
import { asking, KEYS, WITH_KEYS } from '../support/asking-about-objects.ts';

/** Uploads may hold anything; what is asked may not. */
const POLICY = `name: test
objective: { complexityBelow: 0.4 }
constraints:
  - { name: private, when: 'request.operation != "passthrough" && signals.pii >= 0.5', require: { locality: local } }`;
const MASKING = `name: test
objective: { complexityBelow: 0.4 }
constraints:
  - { name: private, when: 'request.operation != "passthrough" && signals.pii >= 0.5', redact: all }`;

const CLEAN = 'Our opening hours are from nine to five.';
const PERSONAL = 'Write to ben.ito@corp.jp about it.';

let cloud: AccountCloud;
let folder: string;
beforeAll(async () => {
  cloud = await startAccountCloud();
  folder = mkdtempSync(join(tmpdir(), 'smallfirst-contents-'));
});
afterAll(async () => {
  await cloud.close();
  rmSync(folder, { recursive: true });
});

const start = (config: string, policy = POLICY): Promise<WholeGateway> =>
  startTestGateway({ config, policy, env: KEYS, cloudUrl: cloud.url });

const refusedFor = (kind: string) => ({
  status: 403,
  text: expect.stringMatching(
    new RegExp(`policy_residency.*${kind}|${kind}.*policy_residency`, 's'),
  ),
});

describe.each([
  ['in open mode', ''],
  ['with keys', WITH_KEYS],
])('%s', (_mode, config) => {
  let whole: WholeGateway;
  const { post, upload, chatAbout, respond } = asking(() => whole);
  beforeAll(async () => {
    whole = await start(config);
  });
  afterAll(() => whole.close());
  beforeEach(() => cloud.clear());

  test.each([
    ['whole', false],
    ['as a stream', true],
  ])('a file that was found clean may be asked about, %s', async (_how, stream) => {
    const file = await upload(CLEAN);
    cloud.clear();
    expect((await chatAbout(file, 'A', { stream })).status).toBe(200);
    expect(cloud.asked).toEqual(['POST /v1/chat/completions']);
  });

  test.each([
    ['with personal data', PERSONAL, 'text/plain', 'signals.pii'],
    ['that nothing reads', '%PDF-1.7\n%\u00e2\u00e3', 'application/pdf', 'file'],
    ['of a picture', '\u0089PNG\r\n\u001a\n', 'image/png', 'image'],
  ])('a file %s may not', async (_what, content, type, why) => {
    const file = await upload(content, type);
    cloud.clear();
    expect(await chatAbout(file)).toMatchObject(refusedFor(why));
    expect(await chatAbout(file, 'A', { stream: true })).toMatchObject(refusedFor(why));
    expect(cloud.asked).toEqual([]);
  });

  test('what is large is judged in a thread, and so is what names it', async () => {
    const filler = 'nothing of note, '.repeat(20_000);
    const [clean, personal] = [await upload(filler), await upload(filler + PERSONAL)];
    const about = (file: string) =>
      post('/chat/completions', {
        model: 'cloud/gpt-4o',
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: filler },
              { type: 'file', file: { file_id: file } },
            ],
          },
        ],
      });
    expect((await about(clean)).status).toBe(200);
    expect(await about(personal)).toMatchObject(refusedFor('signals.pii'));
  });

  test('a conversation holds all that was put into it', async () => {
    const message = (text: string) => ({ type: 'message', role: 'user', content: text });
    const { id } = await post('/conversations', { items: [message(CLEAN)] });
    expect((await respond({ conversation: id })).status).toBe(200);
    expect((await post(`/conversations/${id}/items`, { items: [message(CLEAN)] })).status).toBe(
      200,
    );
    expect((await respond({ conversation: { id } })).status).toBe(200);
    await post(`/conversations/${id}/items`, { items: [message(PERSONAL)] });
    expect(await respond({ conversation: id })).toMatchObject(refusedFor('signals.pii'));
  });

  test('an address of a picture in a conversation is no text', async () => {
    const content = [{ type: 'input_image', image_url: 'https://pictures.example/a.png' }];
    const { id } = await post('/conversations', { items: [{ role: 'user', content }] });
    expect(await respond({ conversation: id })).toMatchObject(refusedFor('image'));
  });

  test('what is made of files holds what they hold', async () => {
    const [clean, personal] = [await upload(CLEAN), await upload(PERSONAL)];
    const search = (store: string) =>
      respond({ tools: [{ type: 'file_search', vector_store_ids: [store] }] });
    const { id } = await post('/vector_stores', { file_ids: [clean] });
    expect((await search(id)).status).toBe(200);
    await post(`/vector_stores/${id}/files`, { file_id: personal });
    expect(await search(id)).toMatchObject(refusedFor('signals.pii'));
    const other = await post('/vector_stores', { file_ids: [clean, personal] });
    expect(await search(other.id)).toMatchObject(refusedFor('signals.pii'));
    const inCode = (container: string) =>
      respond({ tools: [{ type: 'code_interpreter', container }] });
    const box = await post('/containers', { name: 'box', file_ids: [clean] });
    expect((await inCode(box.id)).status).toBe(200);
    await post(`/containers/${box.id}/files`, { file_id: personal });
    expect(await inCode(box.id)).toMatchObject(refusedFor('signals.pii'));
  });

  test('a response that goes on with another may be gone on with', async () => {
    const file = await upload(CLEAN);
    const input = [{ role: 'user', content: [{ type: 'input_file', file_id: file }] }];
    const first = await respond({ input });
    expect(first.status).toBe(200);
    const second = await respond({ previous_response_id: first.id, stream: true });
    expect(second.status).toBe(200);
    expect((await respond({ previous_response_id: second.id })).status).toBe(200);
  });

  test('an upload in parts was not judged as one text', async () => {
    const { id } = await post('/uploads', { filename: 'a.txt', bytes: 3, mime_type: 'text/plain' });
    await post(`/uploads/${id}/parts`, { data: 'abc' });
    const made = await post(`/uploads/${id}/complete`, { part_ids: [] });
    expect(await chatAbout(made.id)).toMatchObject(refusedFor('file'));
  });

  test('what tools made is not known', async () => {
    const { id } = await respond({});
    const answer = await respond({
      tools: [{ type: 'code_interpreter', container: `cntr_of_${id}` }],
    });
    expect(answer).toMatchObject(refusedFor('remote_state'));
  });
});

test('without an owner nothing is known, and of another’s nothing is said', async () => {
  const open = await start('');
  const held = await start(WITH_KEYS);
  try {
    const inOpen = asking(() => open);
    expect(await inOpen.chatAbout('file_never')).toMatchObject(refusedFor('remote_state'));
    const { upload, chatAbout, post } = asking(() => held);
    const file = await upload(CLEAN);
    expect((await chatAbout(file, 'B')).status).toBe(404);
    const { text } = await post(
      '/route',
      {
        model: 'cloud/gpt-4o',
        messages: [{ role: 'user', content: [{ type: 'file', file: { file_id: file } }] }],
      },
      'B',
    );
    expect(text).toContain('remote_state');
    // The operator's key sees the account, and what passed through here of it.
    expect((await chatAbout(file, 'O')).status).toBe(200);
    expect((await chatAbout(await upload(CLEAN, 'text/plain', 'O'), 'O')).status).toBe(200);
  } finally {
    await Promise.all([open.close(), held.close()]);
  }
});

test('the operator’s key puts into a conversation of others what all then know of', async () => {
  const whole = await start(WITH_KEYS);
  try {
    const { post, respond } = asking(() => whole);
    const { id } = await post('/conversations', { items: [] });
    expect((await respond({ conversation: id })).status).toBe(200);
    const items = [{ type: 'message', role: 'user', content: PERSONAL }];
    await post(`/conversations/${id}/items`, { items }, 'O');
    expect(await respond({ conversation: id })).toMatchObject(refusedFor('signals.pii'));
  } finally {
    await whole.close();
  }
});

test('what is put in, and cannot be kept, is not sent, and leaves its record', async () => {
  const stores = await openStores(
    { kind: 'memory' },
    { nowMs: () => performance.now(), onLedgerProblem: () => {} },
  );
  const { owners } = stores;
  const full = { ...owners, widen: () => Promise.reject(new Error('disk full')) };
  const whole = await startTestGateway({
    policy: POLICY,
    cloudUrl: cloud.url,
    stores: { ...stores, owners: full },
  });
  try {
    const { post } = asking(() => whole);
    const { id } = await post('/conversations', { items: [] });
    cloud.clear();
    const items = [{ type: 'message', role: 'user', content: PERSONAL }];
    const answer = await whole.post(`/v1/conversations/${id}/items`, { items });
    expect(answer.status).toBe(503);
    expect(await answer.text()).toContain('could not be kept');
    expect(cloud.asked).toEqual([]);
    expect(await whole.record(answer)).toMatchObject({ outcome: 'failed' });
  } finally {
    await whole.close();
  }
});

test('a policy that masks lets a clean file go, and none that cannot be masked any more', async () => {
  const whole = await start('', MASKING);
  try {
    const { upload, respond } = asking(() => whole);
    const search = (store: string) =>
      respond({
        input: 'Ask ana@ejemplo.es.',
        tools: [{ type: 'file_search', vector_store_ids: [store] }],
      });
    const { post } = asking(() => whole);
    const clean = await post('/vector_stores', { file_ids: [await upload(CLEAN)] });
    expect((await search(clean.id)).status).toBe(200);
    const personal = await post('/vector_stores', { file_ids: [await upload(PERSONAL)] });
    expect(await search(personal.id)).toMatchObject(refusedFor('signals.pii'));
  } finally {
    await whole.close();
  }
});

test('what was found outlives a restart, and not a change of how texts are read', async () => {
  const path = join(folder, 'state.db');
  const config = (more = '') => `${WITH_KEYS}\n${more}`;
  const startAt = async (more = ''): Promise<WholeGateway> =>
    startTestGateway({
      config: config(more),
      policy: POLICY,
      env: KEYS,
      cloudUrl: cloud.url,
      stores: await openStores(
        { kind: 'sqlite', path },
        { nowMs: () => performance.now(), onLedgerProblem: () => {} },
      ),
    });
  let whole = await startAt();
  const { upload, chatAbout } = asking(() => whole);
  const [clean, personal] = [await upload(CLEAN), await upload(PERSONAL)];
  await whole.close();
  whole = await startAt();
  expect((await chatAbout(clean)).status).toBe(200);
  expect(await chatAbout(personal)).toMatchObject(refusedFor('signals.pii'));
  await whole.close();
  whole = await startAt('pii: { phoneRegions: [ES] }');
  expect(await chatAbout(clean)).toMatchObject(refusedFor('remote_state'));
  await whole.close();
  // As a version wrote it that kept owners alone.
  const db = new DatabaseSync(path);
  db.exec('UPDATE owners SET found = NULL, reading = NULL');
  db.close();
  whole = await startAt();
  expect(await chatAbout(clean)).toMatchObject(refusedFor('remote_state'));
  await whole.close();
});
