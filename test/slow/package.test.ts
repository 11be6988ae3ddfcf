/** The package as a user gets it: packed, installed by npm into an empty folder, and run from there. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { startGateway } from '../support/gateway-process.ts';
import { startMockUpstream } from '../support/mock-upstream.ts';

const run = promisify(execFile);

/** The package declares Node 24, and its program finds `node` on the PATH. */
const PATH = [dirname(process.execPath), process.env['PATH']].join(delimiter);
const env = { ...process.env, PATH };

let folder: string;
let program: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'smallfirst-package-'));
  // From an earlier build: packing must build anew.
  await mkdir('dist', { recursive: true });
  await writeFile('dist/left-over.js', '');
  await run('npm', ['pack', '--pack-destination', folder], { env });
  const packed = (await readdir(folder)).filter((file) => file.endsWith('.tgz'));
  expect(packed).toHaveLength(1);
  await writeFile(join(folder, 'package.json'), JSON.stringify(ownerOf(packed[0]!)));
  await writeFile(join(folder, 'package-lock.json'), JSON.stringify(lockOf(packed[0]!)));
  // Without node-llama-cpp, which is optional and large.
  const quiet = ['--ignore-scripts', '--omit=optional', '--no-audit', '--no-fund'];
  await run('npm', ['install', '--prefix', folder, '--prefer-offline', ...quiet], {
    cwd: folder,
    env,
  });
  program = join(folder, 'node_modules/.bin/smallfirst');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const ownerOf = (tarball: string) => ({
  private: true,
  dependencies: { smallfirst: `file:${tarball}` },
});

interface Lock {
  readonly packages: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** The versions of this repository's lock file, so that npm's cache has all of them and no registry is asked. */
function lockOf(tarball: string): Lock {
  const lock: Lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
  const { '': own, ...others } = lock.packages;
  const { version, bin, dependencies } = own!;
  const needed = Object.entries(others).filter(
    ([, each]) => !each['dev'] && !each['optional'] && !each['devOptional'],
  );
  const installed = { version, bin, dependencies, resolved: `file:${tarball}` };
  return {
    ...lock,
    packages: {
      '': ownerOf(tarball),
      'node_modules/smallfirst': installed,
      ...Object.fromEntries(needed),
    },
  };
}

test('it holds what is run and nothing that only its developers need', async () => {
  const files = await readdir(join(folder, 'node_modules/smallfirst'), { recursive: true });
  expect(files).toContain('dist/main.js');
  expect(files).toContain('dist/dashboard/index.html');
  expect(files).toContain('policies/default.yaml');
  // `training/` makes the weights that are shipped; nothing that serves may need it.
  const forDevelopers = /\.ts$|\.test\.|^(?:src|test|deploy|\.ci|\.github)\b|^dist\/training\b/;
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
