/** The package as a user gets it: packed, installed by npm into an empty folder, and run from there. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, link, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { freePort, startGateway } from '../support/gateway-process.ts';
import { startMockUpstream } from '../support/mock-upstream.ts';

const run = promisify(execFile);

/** The package declares Node 24, and its program finds `node` on the PATH. */
const PATH = [dirname(process.execPath), process.env['PATH']].join(delimiter);
const env = { ...process.env, PATH };

let folder: string;
let tarball: string;
let program: string;

/** As an installed dependency; what it weighs. */
const MAX_MB = 80;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'smallfirst-package-'));
  // From an earlier build: packing must build anew.
  await mkdir('dist', { recursive: true });
  await writeFile('dist/left-over.js', '');
  await run('npm', ['pack', '--pack-destination', folder], { env });
  const packed = (await readdir(folder)).filter((file) => file.endsWith('.tgz'));
  expect(packed).toHaveLength(1);
  tarball = join(folder, packed[0]!);
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  // Everything that it needs is in it: no registry is asked.
  const quiet = ['--offline', '--no-audit', '--no-fund'];
  await run('npm', ['install', '--prefix', folder, ...quiet, tarball], { cwd: folder, env });
  program = join(folder, 'node_modules/.bin/smallfirst');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test(`as a dependency it is one package, of at most ${MAX_MB} MB`, async () => {
  const modules = join(folder, 'node_modules');
  expect((await readdir(modules)).filter((name) => !name.startsWith('.'))).toEqual(['smallfirst']);
  const { stdout } = await run('du', ['-sk', modules]);
  const megabytes = Number(stdout.split('\t')[0]) / 1024;
  process.stderr.write(`package, installed: ${megabytes.toFixed(1)} MB\n`);
  expect(megabytes).toBeLessThanOrEqual(MAX_MB);
});

test('publint and arethetypeswrong find nothing wrong with it', async () => {
  const { messages } = await publint({ pkgDir: join(folder, 'node_modules/smallfirst') });
  expect(messages).toEqual([]);
  const analysis = await checkPackage(createPackageFromTarballData(await readFile(tarball)));
  const problems = analysis.types === false ? ['it has no types'] : analysis.problems;
  // It is a module of today: who still resolves as Node 10 did, or requires it, is told so by Node.
  const forOthers = new Set(['node10', 'node16-cjs']);
  expect(
    problems.filter(
      (problem) =>
        typeof problem === 'string' ||
        !('resolutionKind' in problem && forOthers.has(problem.resolutionKind)),
    ),
  ).toEqual([]);
});

test('its types are those of the core, and need no other package', async () => {
  const user = join(folder, 'user.ts');
  await writeFile(
    user,
    `import { GatewayError, type UpstreamKind, type UsageRecord } from 'smallfirst/core';
export const tier = (record: UsageRecord): string => record.decision?.tier ?? 'none';
export const kind = (one: UpstreamKind): string => one.kind;
export const error: Error = new GatewayError('caller_invalid', 'no');
`,
  );
  const compilerOptions = {
    module: 'nodenext',
    target: 'es2024',
    strict: true,
    noEmit: true,
    types: [],
  };
  await writeFile(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, files: [user] }),
  );
  const tsc = join(process.cwd(), 'node_modules/typescript/bin/tsc');
  const { stdout: complaints } = await run(process.execPath, [tsc, '-p', folder]).catch(
    (error: { stdout: string }) => error,
  );
  expect(complaints).toBe('');
  const script = `import('smallfirst/core').then(({ UpstreamError }) => console.log(typeof UpstreamError))`;
  const { stdout } = await run(process.execPath, ['-e', script], { cwd: folder });
  expect(stdout.trim()).toBe('function');
});

test('under an older Node it is one sentence that says what to do', async () => {
  const older = `data:text/javascript,Object.defineProperty(process.versions,'node',{value:'20.1.0'})`;
  const main = join(folder, 'node_modules/smallfirst/dist/bin.js');
  const failed = run(process.execPath, ['--import', older, main, 'version'], { cwd: folder });
  await expect(failed).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^smallfirst needs Node 24 or later, .*: install it from .*\n$/),
  });
});

test('it holds what is run and nothing that only its developers need', async () => {
  const files = await readdir(join(folder, 'node_modules/smallfirst'), { recursive: true });
  expect(files).toContain('dist/main.js');
  expect(files).toContain('dist/dashboard/index.html');
  expect(files).toContain('dist/THIRD-PARTY.txt');
  expect(files).toContain('policies/default.yaml');
  // `training/` makes the weights that are shipped; nothing that serves may need it.
  const forDevelopers =
    /(?<!\.d)\.ts$|\.test\.|^(?:src|test|deploy|\.ci|\.github)\b|^dist\/training\b/;
  expect(files.filter((file) => forDevelopers.test(file))).toEqual([]);
  expect(files).not.toContain('dist/left-over.js');
});

test('it says what it can do', async () => {
  const { stdout, stderr } = await run(program, ['--help'], { cwd: folder, env });
  expect(stdout + stderr).toContain('smallfirst');
  expect(stdout + stderr).toContain('serve');
});

test('it answers a request and keeps its record', async () => {
  const local = await startMockUpstream({ name: 'local', models: ['slm'] });
  onTestFinished(() => local.close());
  const config = join(folder, 'smallfirst.yaml');
  await writeFile(
    config,
    `upstreams:
  - { name: local, kind: openai, locality: local, url: ${local.url}, model: slm }
store: { kind: sqlite, path: state.db }
`,
  );
  const gateway = await startGateway(config, { PATH }, [program]);
  onTestFinished(async () => void (await gateway.stop()));
  const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'auto', messages: [{ role: 'user', content: 'Hello' }] }),
  });
  expect(answer.headers.get('x-smallfirst-upstream')).toBe('local');
  expect(await answer.json()).toMatchObject({ object: 'chat.completion' });
  expect(await gateway.stop()).toBe(0);
  // Written by the worker thread of the store, which is loaded by its file name.
  const report = await run(program, ['report', '--config', config, '--json'], { cwd: folder, env });
  expect(JSON.parse(report.stdout)).toMatchObject({ requests: { total: 1, small: 1 } });
});

test('npx in an empty folder: the engine and a model are fetched, and it answers', async () => {
  const empty = await mkdtemp(join(tmpdir(), 'smallfirst-empty-'));
  const cache = join(empty, 'cache');
  await mkdir(cache);
  await reuseModel('tinyllama-1.1b-chat.gguf', cache);
  const port = await freePort();
  const child = spawn('npx', ['--yes', '--package', tarball, '--', 'smallfirst'], {
    cwd: empty,
    env: {
      ...env,
      SMALLFIRST_PORT: String(port),
      SMALLFIRST_CACHE: cache,
      // No model server of this machine, and no gigabytes from a hub: the model that npm has.
      SMALLFIRST_LOCAL_HOSTS: 'nobody.invalid',
      SMALLFIRST_MODEL_HUB: 'http://127.0.0.1:9',
      OPENAI_API_KEY: '',
    },
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (piece: string) => (said += piece));
  const ended = once(child, 'exit');
  onTestFinished(async () => {
    // npx is the parent of a shell and of the gateway: all of them.
    if (child.exitCode === null) process.kill(-child.pid!, 'SIGTERM');
    await ended;
    await rm(empty, { recursive: true, force: true });
  });
  const url = `http://127.0.0.1:${port}`;
  while ((await fetch(`${url}/readyz`).catch(() => undefined))?.ok !== true) {
    if (child.exitCode !== null) throw new Error(`It ended:\n${said}`);
    await pause(100);
  }
  expect(said).toContain('The engine for that is fetched with npm, once.');
  const answer = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'auto',
      max_tokens: 16,
      messages: [{ role: 'user', content: 'What is the capital of France?' }],
    }),
  });
  expect(answer.headers.get('x-smallfirst-model')).toBe('tinyllama-1.1b-chat');
  const body: { choices: readonly { message: { content: string } }[] } = JSON.parse(
    await answer.text(),
  );
  expect(body.choices[0]?.message.content).toMatch(/\w/);
});

/** From this user's cache where it is there: 320 MB that need not be fetched again. */
async function reuseModel(file: string, folderOfModels: string): Promise<void> {
  const here = join(
    process.env['SMALLFIRST_CACHE'] || join(homedir(), '.cache/smallfirst/models'),
    file,
  );
  const there = join(folderOfModels, file);
  await link(here, there).catch(() => copyFile(here, there).catch(() => undefined));
}
