/**
 * What the README tells a newcomer to type, typed in an empty folder, as it stands there; beside a gateway whose small model is a
 * stand-in, whose port is written into the text.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort, startGateway, type GatewayProcess } from '../support/gateway-process.ts';
import { startMockUpstream, type MockUpstream } from '../support/mock-upstream.ts';

const README = readFileSync('README.md', 'utf8');
const SMALLFIRST = `alias smallfirst="${process.execPath} ${resolve('src/main.ts')}"`;

/** The text of the README's fenced blocks of one language. */
const blocks = (language: string): readonly string[] =>
  [...README.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(
    ([, text = '']) => text,
  );

const commands = blocks('sh')
  .flatMap((block) => block.split('\n'))
  .filter((line) => line.startsWith('smallfirst '));

const folder = mkdtempSync(join(tmpdir(), 'smallfirst-readme-'));
const empty = join(folder, 'empty');
const env = { ...process.env, HOME: join(folder, 'home') };
let small: MockUpstream;
let gateway: GatewayProcess;

beforeAll(async () => {
  for (const path of [empty, env.HOME]) mkdirSync(path);
  small = await startMockUpstream({ name: 'local', models: ['slm'] });
  const file = join(folder, 'gateway.yaml');
  writeFileSync(
    file,
    `upstreams: [{ name: local, kind: openai, locality: local, url: ${small.url}, model: slm }]\n`,
  );
  gateway = await startGateway(file);
});
afterAll(async () => {
  await gateway?.stop();
  await small?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Rejects, with what was said, where it does not end with 0. */
const typed = async (line: string, more: Readonly<Record<string, string>> = {}): Promise<string> =>
  (
    await promisify(execFile)('bash', ['-O', 'expand_aliases', '-c', `${SMALLFIRST}\n${line}`], {
      cwd: empty,
      env: { ...env, ...more },
    })
  ).stdout;

const atGateway = (text: string): string =>
  text.replaceAll('http://127.0.0.1:4100', gateway.url.replace(/\/$/, ''));

describe('the README', () => {
  test('has the commands that are typed here', () => {
    expect(commands.map((line) => line.split(' ')[1])).toEqual(
      expect.arrayContaining(['demo', 'explain', 'init', 'check', 'doctor', 'report']),
    );
  });

  test.each(commands.filter((line) => !/^smallfirst (?:demo|report)/.test(line)))(
    '%s',
    async (line) => {
      expect(await typed(line)).not.toBe('');
    },
  );

  test('curl gets an answer with the decision in its head, which the report counts', async () => {
    const curl = blocks('sh').find((block) => block.startsWith('curl '));
    const answer = await typed(atGateway(curl ?? ''));
    expect(answer).toMatch(/^HTTP\/1\.1 200/);
    expect(answer).toContain('x-smallfirst-tier: small');
    const line = commands.find((each) => each.startsWith('smallfirst report')) ?? '';
    const said = await typed(line, { SMALLFIRST_CONFIG: join(folder, 'gateway.yaml') });
    expect(said).toMatch(/requests\s+1\b/);
  });

  test("OpenAI's client for Node gets one", async () => {
    const [program = ''] = blocks('ts');
    symlinkSync(resolve('node_modules'), join(empty, 'node_modules'));
    const named = atGateway(program).replace('await client', 'const answer = await client');
    writeFileSync(join(empty, 'ask.mjs'), `${named}\nconsole.log(answer.model);\n`);
    expect(await typed(`${process.execPath} ask.mjs`)).toBe('slm\n');
  });

  test('the demonstration starts, and ends when it is told to', async () => {
    const line = commands.find((each) => each.startsWith('smallfirst demo')) ?? '';
    const [, ...args] = line.split(' ');
    const port = String(await freePort());
    const demo = spawn(process.execPath, [resolve('src/main.ts'), ...args], {
      cwd: empty,
      env: { ...env, SMALLFIRST_PORT: port },
      stdio: 'ignore',
    });
    const ended = once(demo, 'exit');
    const ready = async (): Promise<number | undefined> =>
      (await fetch(`http://127.0.0.1:${port}/dashboard`).catch(() => undefined))?.status;
    await expect.poll(ready, { timeout: 30_000 }).toBe(200);
    demo.kill('SIGTERM');
    expect((await ended)[0]).toBe(0);
  });
});
