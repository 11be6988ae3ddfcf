/** The one file (`npm run build:exe`): started where nothing was ever installed, with a model in its process. */
import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freshMachine, type FreshMachine } from '../support/fresh-machine.ts';

const run = promisify(execFile);
const FILE = resolve('dist-exe', process.platform === 'win32' ? 'smallfirst.exe' : 'smallfirst');

let machine: FreshMachine;

beforeAll(async () => {
  await run('npm', ['run', 'build:exe']);
  // npm, which fetches the engine and the model, needs a Node of its own on the PATH.
  machine = await freshMachine(process.env);
});
afterAll(() => machine?.remove());

test('it answers from a model in its process at the first start, and again at the second', async () => {
  const first = await machine.tryOut(FILE, []);
  const second = await machine.tryOut(FILE, []);
  process.stderr.write(
    `one file: ${Math.round(statSync(FILE).size / 1e6)} MB, ready after ${Math.round(first.readyMs)} ms with engine to fetch, then ${Math.round(second.readyMs)} ms\n`,
  );
  for (const { model, text, exitCode } of [first, second]) {
    expect(model).toBe('tinyllama-1.1b-chat');
    expect(text).toMatch(/\w/);
    expect(exitCode).toBe(0);
  }
});

test('it has every command, and says where it cannot be unpacked', async () => {
  const { stdout } = await run(FILE, ['explain', 'Hello'], { cwd: machine.folder });
  expect(stdout).toContain('small');
  const env = { ...process.env, SMALLFIRST_CACHE: FILE };
  await expect(run(FILE, ['version'], { env })).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/cannot be unpacked into .*SMALLFIRST_CACHE/),
  });
});
