import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { upstreamKinds } from '../../upstreams/index.ts';
import type { LocalServer } from '../../upstreams/detect.ts';
import { signalNames } from '../../signals/index.ts';
import { checkAll } from '../check.ts';
import { answersFrom, usual, type Ask } from './answers.ts';
import { configText } from './config-text.ts';
import { copyTemplate } from './template.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'smallfirst-init-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const OLLAMA: LocalServer = {
  dialect: 'ollama',
  url: 'http://127.0.0.1:11434/v1',
  model: 'qwen3:4b',
  models: ['qwen3:4b', 'llama3.2:3b'],
};

/** What `check` says of the written text. */
function checked(text: string, env: Readonly<Record<string, string>> = {}) {
  const file = join(folder, 'smallfirst.yaml');
  writeFileSync(file, text);
  return checkAll({
    config: file,
    env,
    cwd: folder,
    signals: signalNames,
    models: ['qwen3-1.7b', 'qwen3-4b-instruct'],
    kinds: upstreamKinds,
    thresholdsWith: () => () => ({ value: 0.5, from: 'the test' }),
  });
}

describe.each([
  ['a server, no cloud', OLLAMA, {}],
  ['a server and a cloud', OLLAMA, { OPENAI_API_KEY: 'sk-of-the-test' }],
  ['nothing at all', undefined, {}],
])('with %s', (_, server, env) => {
  test('what is written without questions passes the check', async () => {
    const text = configText(await answersFrom(usual, { server, model: 'qwen3-1.7b', env }));
    expect(checked(text, env).problems).toEqual([]);
    expect(text).not.toContain('sk-of-the-test');
  });
});

test('five questions at most, and their answers stand in the file', async () => {
  const asked: string[] = [];
  const answers = ['llama3.2:3b', 'https://llm.example.org/v1', 'big-1', 'observe', 'ESP'];
  const ask: Ask = async (question) => answers[asked.push(question) - 1] ?? '';
  const env = { OPENAI_API_KEY: 'sk-of-the-test' };
  const text = configText(await answersFrom(ask, { server: OLLAMA, model: 'qwen3-1.7b', env }));
  expect(asked).toHaveLength(5);
  expect(asked[0]).toContain('qwen3:4b, llama3.2:3b');
  for (const answer of answers) expect(text).toContain(answer);
  expect(checked(text, env).problems).toEqual([]);
});

test.each([
  [['', '', 'defualt'], /No shipped policy is called 'defualt'; did you mean `default`/],
  [['', 'openai'], /'openai' is no URL/],
  [['', 'none', 'default', 'Spain'], /no ISO 3166-1 code/],
])('the answers %j are refused', async (answers, message) => {
  let at = 0;
  const ask: Ask = async (_, normal) => answers[at++] || normal;
  await expect(answersFrom(ask, { server: OLLAMA, model: 'qwen3-1.7b', env: {} })).rejects.toThrow(
    message,
  );
});

test('the support bot is copied with keys of its own, and never over anything', () => {
  const target = join(folder, 'bot');
  copyTemplate('support-bot', target);
  for (const file of [
    'smallfirst.yaml',
    'policy.yaml',
    'articles.json',
    'typescript/bot.ts',
    'README.md',
  ])
    expect(existsSync(join(target, file)), file).toBe(true);
  const keys = readFileSync(join(target, '.env'), 'utf8');
  expect(keys).toMatch(/^SUPPORT_BOT_KEY=[0-9a-f]{48}\nSMALLFIRST_ADMIN_KEY=[0-9a-f]{48}\n$/);
  expect(statSync(join(target, '.env')).mode & 0o077).toBe(0);
  expect(() => copyTemplate('support-bot', target)).toThrow(/overwrites nothing/);
  expect(() => copyTemplate('suport-bot', join(folder, 'x'))).toThrow(/did you mean `support-bot`/);
});
