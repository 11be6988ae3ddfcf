/** The package as a user gets it: packed, installed by npm into an empty folder, and run from there; and as one file, started where nothing was ever installed. */
import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { freshMachine, type FreshMachine } from '../support/fresh-machine.ts';
import { startGateway } from '../support/gateway-process.ts';
import { startMockUpstream } from '../support/mock-upstream.ts';
import { ownCheckout } from '../support/own-checkout.ts';

const run = promisify(execFile);

/** The package declares Node 24, and its program finds `node` on the PATH. */
const PATH = [dirname(process.execPath), process.env['PATH']].join(delimiter);
const env = { ...process.env, PATH };

let folder: string;
/** Where it is built. */
let checkout: string;
let tarball: string;
let program: string;

/** As an installed dependency; what it weighs. */
const MAX_MB = 80;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'smallfirst-package-'));
  checkout = join(folder, 'checkout');
  ownCheckout(checkout);
  // From an earlier build: packing must build anew.
  await mkdir(join(checkout, 'dist'), { recursive: true });
  await writeFile(join(checkout, 'dist/left-over.js'), '');
  await run('npm', ['pack', '--pack-destination', folder], { cwd: checkout, env });
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

test('its types are those of the core, and need none but those of Node', async () => {
  const user = join(folder, 'user.ts');
  await writeFile(
    user,
    `import { GatewayError, type UpstreamKind, type UsageRecord } from 'smallfirst/core';
export const tier = (record: UsageRecord): string => record.decision?.wanted ?? 'none';
export const kind = (one: UpstreamKind): string => one.kind;
export const error: Error = new GatewayError('caller_invalid', 'no');
`,
  );
  const compilerOptions = {
    module: 'nodenext',
    target: 'es2024',
    strict: true,
    noEmit: true,
    types: ['node'],
    typeRoots: [join(process.cwd(), 'node_modules/@types')],
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
  expect(files).toContain('dist/docs/first-day.html');
  expect(files).toContain('dist/THIRD-PARTY.txt');
  expect(files).toContain('policies/default.yaml');
  // `training/` makes the weights that are shipped; nothing that serves may need it.
  const forDevelopers =
    /(?<!\.d)\.ts$|\.test\.|^(?:src|test|deploy|\.ci|\.github)\b|^dist\/training\b/;
  // What `smallfirst init` copies, and the guides as they are written.
  const shipped =
    /^(?:deploy|src)$|^deploy\/(?:README|examples)|^src\/(?:docs\b|README\.md$|config$|config\/README\.md$)/;
  const others = files.filter((file) => !shipped.test(file));
  expect(others.filter((file) => forDevelopers.test(file))).toEqual([]);
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
  const machine = await freshMachine(env);
  onTestFinished(() => machine.remove());
  const args = ['--yes', '--package', tarball, '--', 'smallfirst'];
  const { said, model, text } = await machine.tryOut('npx', args);
  expect(said).toContain('The engine for that is fetched with npm, once.');
  expect(model).toBe('tinyllama-1.1b-chat');
  expect(text).toMatch(/\w/);
});

describe('the one file (`npm run build:exe`)', () => {
  let file: string;
  let machine: FreshMachine;
  beforeAll(async () => {
    // Of what `npm pack` has built.
    await run('node', ['deploy/executable/build.ts'], { cwd: checkout, env });
    const name = process.platform === 'win32' ? 'smallfirst.exe' : 'smallfirst';
    file = join(checkout, 'dist-exe', name);
    // npm, which fetches the engine and the model, needs a Node of its own on the PATH.
    machine = await freshMachine(process.env);
  });
  afterAll(() => machine?.remove());

  test('it answers from a model in its process at the first start, and again at the second', async () => {
    const first = await machine.tryOut(file, []);
    const second = await machine.tryOut(file, []);
    process.stderr.write(
      `one file: ${Math.round(statSync(file).size / 1e6)} MB, ready after ${Math.round(first.readyMs)} ms with engine to fetch, then ${Math.round(second.readyMs)} ms\n`,
    );
    for (const { model, text, exitCode } of [first, second]) {
      expect(model).toBe('tinyllama-1.1b-chat');
      expect(text).toMatch(/\w/);
      expect(exitCode).toBe(0);
    }
  });

  test('it has every command, and says where it cannot be unpacked', async () => {
    const { stdout } = await run(file, ['explain', 'Hello'], { cwd: machine.folder });
    expect(stdout).toContain('small');
    const unwritable = { ...process.env, SMALLFIRST_CACHE: file };
    await expect(run(file, ['version'], { env: unwritable })).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/cannot be unpacked into .*SMALLFIRST_CACHE/),
    });
  });
});
