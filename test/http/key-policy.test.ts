/** A key with a policy of its own: in force for its requests alone, shown wherever a policy is. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openPolicyActions } from '../../src/commands/policy/actions.ts';
import { checkAll } from '../../src/commands/check.ts';
import { loadConfig } from '../../src/config/load.ts';
import { askerNamed, openKeyStore, startJudge, thresholdsWith } from '../../src/offline.ts';
import { signalNames } from '../../src/signals/index.ts';
import { upstreamKinds } from '../../src/upstreams/index.ts';
import { chatCall } from '../../src/http/chat-call.ts';
import { bearer } from '../support/admin-call.ts';
import { HARD, type Setup, type WholeGateway } from '../support/gateway-fixture.ts';
import { gatewayPerTest } from '../support/gateway-per-test.ts';

const open = gatewayPerTest();

const ADMIN = 'admin-key-0123456789';
const DATA = 'data-key-0123456789ab';
const env = { ADMIN, DATA };
const keysWith = (more: string): string =>
  `auth: { mode: keys, adminKey: '\${ADMIN}', keys: [{ name: fixed, key: '\${DATA}'${more} }] }`;

const SMALL_ONLY = `
name: small-only
objective: { complexityBelow: 1 }
targets: { small: { upstream: local }, large: { upstream: cloud } }
constraints: [{ name: stays, when: 'true', require: { locality: local } }]
`;

async function start(setup: Setup = {}): Promise<WholeGateway> {
  return await open({ config: keysWith(''), env, store: 'sqlite', ...setup });
}

async function ask(whole: WholeGateway, secret: string, path: string, body?: unknown) {
  const answer = await fetch(`${whole.gateway.url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { ...bearer(secret), 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

const chat = (whole: WholeGateway, secret: string) =>
  whole.chat(HARD, {}, { headers: bearer(secret) });

const configOf = (whole: WholeGateway) =>
  loadConfig({
    file: join(whole.folder, 'smallfirst.yaml'),
    env,
    cwd: whole.folder,
    kinds: upstreamKinds,
  });

/** As `keys create --policy` does it: the version is kept, and is not active. */
async function kept(whole: WholeGateway, text: string): Promise<string> {
  await writeFile(join(whole.folder, 'own.yaml'), text);
  const actions = openPolicyActions({ config: configOf(whole), cwd: whole.folder });
  const act = { who: 'ana', note: '', atMs: Date.now() };
  const { name, version } = await actions.keep('./own.yaml', act);
  await actions.close();
  return `${name}@${version}`;
}

test('it decides for its key alone, and every place that names a policy names it', async () => {
  const whole = await start();
  const policy = await kept(whole, SMALL_ONLY);
  const made = await ask(whole, ADMIN, '/admin/keys', { name: 'bot', policy });
  expect(made).toMatchObject({ status: 201, body: { policy } });
  const secret = String(made.body['secret']);

  const own = await chat(whole, secret);
  expect(own.headers.get('x-smallfirst-policy')).toBe(policy);
  expect(own.headers.get('x-smallfirst-upstream')).toBe('local');
  const others = await chat(whole, DATA);
  expect(others.headers.get('x-smallfirst-policy')).toMatch(/^test@/);
  expect(others.headers.get('x-smallfirst-upstream')).toBe('cloud');

  const id = own.headers.get('x-request-id') ?? '';
  await own.text();
  const [name, version] = policy.split('@');
  expect(await ask(whole, ADMIN, `/admin/requests/${id}`)).toMatchObject({
    status: 200,
    body: { decision: { policy: { name, version } } },
  });
  expect((await ask(whole, secret, '/v1/key')).body['policy']).toBe(policy);
  expect((await ask(whole, DATA, '/v1/key')).body['policy']).toMatch(/^test@/);
  const route = { model: 'auto', messages: [{ role: 'user', content: HARD }] };
  expect((await ask(whole, secret, '/v1/route', route)).body).toMatchObject({
    policy: { name: 'small-only' },
  });
  const { body: listed } = await ask(whole, ADMIN, '/admin/keys');
  expect(listed['keys']).toContainEqual(expect.objectContaining({ name: 'bot', policy }));
  // The gateway's own stays in force.
  expect((await ask(whole, ADMIN, '/admin/policy')).body['name']).toBe('test');
  const why = await ask(whole, ADMIN, `/admin/requests/${id}/why`);
  expect(JSON.stringify(why.body)).toContain('small-only');

  const asker = await askerNamed('bot', configOf(whole));
  const judge = await startJudge(configOf(whole), { env: {}, asker });
  const judged = await judge(chatCall(Buffer.from(JSON.stringify(route))));
  expect(judged.policy.name).toBe('small-only');
  await expect(askerNamed('nobody', configOf(whole))).rejects.toThrow(/no key 'nobody'/);
});

test('a key whose policy the store does not have is said, and changes nothing for others', async () => {
  const whole = await start();
  const policy = await kept(whole, SMALL_ONLY);
  const { body } = await ask(whole, ADMIN, '/admin/keys', { name: 'bot', policy });
  const keys = openKeyStore({ kind: 'sqlite', path: join(whole.folder, 'state.db') });
  const [first] = await keys.list();
  expect(first?.policy).toBe(policy);
  const other = { name: 'other', digest: 'f'.repeat(64), policy: 'gone@0123456789ab' };
  if (first !== undefined)
    await keys.create({ ...first, ...other }, { who: 'ana', note: '', atMs: Date.now() });
  await keys.close();
  await expect.poll(() => whole.said.join('\n')).toContain('Policy gone@0123456789ab of a key');
  expect((await chat(whole, String(body['secret']))).headers.get('x-smallfirst-policy')).toBe(
    policy,
  );
});

test.each([
  ['a file, from afar', './own.yaml', /no policy/],
  ['a name that nobody has', 'privacy-firs', /privacy-first/],
])('%s is no policy of a key', async (_, policy, message) => {
  const whole = await start();
  const { status, body } = await ask(whole, ADMIN, '/admin/keys', { name: 'bot', policy });
  expect(status).toBe(400);
  expect(body['error']).toMatchObject({ param: 'policy', message: expect.stringMatching(message) });
  expect((await ask(whole, ADMIN, '/admin/keys')).body['keys']).toHaveLength(1);
});

test('a key of the configuration names a shipped policy, whose version is kept', async () => {
  const whole = await start({ config: keysWith(', policy: privacy-first') });
  expect((await chat(whole, DATA)).headers.get('x-smallfirst-policy')).toMatch(/^privacy-first@/);
  const { body } = await ask(whole, ADMIN, '/admin/policies');
  expect(JSON.stringify(body)).toContain('privacy-first');
});

test('or a file, which is watched: what is broken changes nothing', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'smallfirst-own-'));
  const file = join(folder, 'own.yaml');
  await writeFile(file, SMALL_ONLY);
  const whole = await start({ config: keysWith(`, policy: '${file}'`) });
  const policyNow = async () => (await chat(whole, DATA)).headers.get('x-smallfirst-policy');
  expect(await policyNow()).toMatch(/^small-only@/);
  await writeFile(file, SMALL_ONLY.replace('small-only', 'other'));
  await expect.poll(policyNow).toMatch(/^other@/);
  await writeFile(file, `${SMALL_ONLY}unknown: 1\n`);
  await expect.poll(() => whole.said.join('\n')).toContain('keeps the policy that it had');
  expect(await policyNow()).toMatch(/^other@/);
  await rm(folder, { recursive: true });
});

test('a policy of a key that is not there does not start, and `check` says where', async () => {
  const config = keysWith(', policy: ./nowhere.yaml');
  await expect(start({ config })).rejects.toThrow(/nowhere\.yaml/);
  const whole = await start();
  await writeFile(join(whole.folder, 'own.yaml'), `${SMALL_ONLY}unknown: 1\n`);
  const at = join(whole.folder, 'with.yaml');
  await writeFile(at, keysWith(', policy: ./own.yaml'));
  const { problems } = checkAll({
    config: at,
    env,
    cwd: whole.folder,
    signals: signalNames,
    models: [],
    kinds: upstreamKinds,
    thresholdsWith,
  });
  expect(problems).toMatchObject([{ file: join(whole.folder, 'own.yaml'), line: 6 }]);
});
