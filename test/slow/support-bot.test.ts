/**
 * The support bot with a real model, as its README says: the steps are taken from there and run in an empty folder, then ten
 * conversations are held. Judged on rules, hand-overs and records, not on wording. Needs the npm registry, and for the bot in Python
 * `python3` with `venv` and the package index; what is not there is skipped aloud.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort, MAIN } from '../support/gateway-process.ts';
import {
  SupportBot,
  newConversation,
} from '../../deploy/examples/support-bot/typescript/bot-with-knowledge.ts';
import { shareOf } from '../../deploy/examples/support-bot/typescript/share.ts';

const PORT = await freePort();
const URL = `http://127.0.0.1:${PORT}`;
const READY_MS = 500_000;

const folder = mkdtempSync(join(tmpdir(), 'smallfirst-bot-'));
const bot = join(folder, 'support-bot');
/** No cloud: what the policy wants large is answered here, and says so. */
const env = {
  ...process.env,
  OPENAI_API_KEY: '',
  SMALLFIRST_PORT: String(PORT),
  SMALLFIRST_URL: `${URL}/v1`,
  SMALLFIRST_CONFIG: undefined,
};
const COMMAND = `shopt -s expand_aliases\nset -e\nalias smallfirst='${process.execPath} ${MAIN}'\n`;

let blocks: readonly string[] = [];
let gateway: ChildProcess | undefined;
let said = '';
let keys: Readonly<Record<string, string>> = {};

const note = (line: string): void => void process.stdout.write(`support-bot: ${line}\n`);

function run(block: string, input = '') {
  const done = spawnSync('bash', ['-c', COMMAND + block], {
    cwd: bot,
    env,
    input,
    encoding: 'utf8',
  });
  return { code: done.status, out: done.stdout, err: done.stderr };
}

beforeAll(async () => {
  const made = spawnSync(process.execPath, [MAIN, 'init', 'support-bot'], {
    cwd: folder,
    env,
    encoding: 'utf8',
  });
  expect(made.stderr).toBe('');
  blocks = [
    ...readFileSync(join(bot, 'README.md'), 'utf8').matchAll(/^```sh\n([\s\S]*?)^```$/gm),
  ].map(([, body = '']) => body);
  keys = Object.fromEntries(
    readFileSync(join(bot, '.env'), 'utf8')
      .trim()
      .split('\n')
      .map((line): [string, string] => [line.split('=')[0] ?? '', line.split('=')[1] ?? '']),
  );
  // `exec`, so that the process which is stopped is the gateway.
  const serve = (blocks[0] ?? '').replace(
    'smallfirst serve',
    `exec ${process.execPath} ${MAIN} serve`,
  );
  expect(serve).toContain('exec');
  gateway = spawn('bash', ['-c', COMMAND + serve], {
    cwd: bot,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  gateway.stderr?.on('data', (data) => (said += String(data)));
  gateway.stdout?.resume();
  await ready();
});

afterAll(async () => {
  const ended = new Promise((done) => gateway?.once('exit', done));
  gateway?.kill('SIGTERM');
  await ended;
  rmSync(folder, { recursive: true });
});

async function ready(): Promise<void> {
  const until = Date.now() + READY_MS;
  while (Date.now() < until) {
    const answer = await fetch(`${URL}/readyz`).catch(() => undefined);
    if (answer?.ok) return;
    if (gateway?.exitCode !== null) break;
    await new Promise((done) => setTimeout(done, 250));
  }
  throw new Error(`the gateway is not ready:\n${said}`);
}

test('the steps for TypeScript, as they stand in the README', () => {
  const { code, out, err } = run(
    blocks[1] ?? '',
    'When do you open on Saturday?\n+\nI want to speak to a person\n',
  );
  expect(code, err).toBe(0);
  expect(out).toContain('A colleague has your case');
});

test('the steps for Python, as they stand in the README', ({ skip }) => {
  const { code, out, err } = run(
    blocks[2] ?? '',
    '¿A qué hora abren el sábado?\n-\nQuiero hablar con una persona\n',
  );
  if (/No module named (venv|ensurepip)|Could not find a version|ConnectionError/.test(err + out)) {
    note(`SKIPPED Python: ${err.trim().split('\n').at(-1)}`);
    return skip('no venv or no package index');
  }
  expect(code, err).toBe(0);
  expect(out).toContain('Un compañero tiene su caso');
  return undefined;
});

test.each([
  ['When do you open on Saturday?', /^domain:/, undefined],
  ['¿Cuánto cuesta el envío a Canarias?', /^domain:shipping-cost$/, undefined],
  ['Which clay is best for beginners?', /^domain:product-question$/, undefined],
  ['Where is TK-10482?', /^domain:order-status$/, undefined],
  ['Olvidé mi contraseña', /^domain:password-reset$/, undefined],
  ['The kiln gives off sparks and smells of burnt plastic', /./, 'product safety'],
  ['Mi hija se ha tragado un trozo de esmalte', /./, 'product safety'],
  ['Somebody hacked my account and ordered a kiln', /./, 'the fraud desk'],
  ['Me han cobrado dos veces el mismo pedido', /./, 'accounting'],
  ['I want to speak to a real person', /./, 'any agent'],
])('with a real model: "%s"', async (text, rule, handedTo) => {
  const talker = new SupportBot({
    baseURL: `${URL}/v1`,
    apiKey: keys['SUPPORT_BOT_KEY'] ?? '',
    handovers: join(bot, 'handovers.jsonl'),
  });
  const reply = await talker.say(newConversation(), text);
  expect(reply.handedTo).toBe(handedTo);
  expect(reply.rule).toMatch(rule);
  expect(reply.text).not.toBe('');
});

test('the ledger knows every conversation, who was handed over, and the thumbs', async () => {
  const { conversations, handedOver, thumbsUp } = await shareOf({
    url: URL,
    adminKey: keys['SMALLFIRST_ADMIN_KEY'] ?? '',
    caller: 'support-bot',
  });
  expect(conversations).toBeGreaterThanOrEqual(11);
  expect(handedOver).toBeGreaterThanOrEqual(6);
  expect(thumbsUp).toBe(1);
  note(`${conversations} conversations, ${handedOver} handed over`);
});

test('it warns where the small model only proves that things work', async () => {
  const headers = { authorization: `Bearer ${keys['SUPPORT_BOT_KEY']}` };
  const models = await (await fetch(`${URL}/v1/models`, { headers })).text();
  const talker = new SupportBot({
    baseURL: `${URL}/v1`,
    apiKey: keys['SUPPORT_BOT_KEY'] ?? '',
    handovers: join(bot, 'handovers.jsonl'),
  });
  expect((await talker.warning()) !== undefined).toBe(/tinyllama|smollm/i.test(models));
});
