/** The command line as a process: what it prints, where, and how it ends. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MAIN } from '../../test/support/gateway-process.ts';
import { version } from '../version.ts';

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function run(args: readonly string[], { isClosed = false, cwd = '.' } = {}): Promise<Ended> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd,
    env: { ...process.env, CI: '', TEST: '', NO_COLOR: '' },
  });
  let out = '';
  let err = '';
  if (isClosed) child.stdout.destroy();
  else child.stdout.on('data', (data: Buffer) => (out += data.toString()));
  child.stderr.on('data', (data: Buffer) => (err += data.toString()));
  return new Promise((resolve, reject) => {
    child.once('error', reject).once('close', (code) => resolve({ code, out, err }));
  });
}

test.each([['version'], ['--version']])('%s prints the version', async (word) => {
  expect(await run([word])).toEqual({ code: 0, out: `${version}\n`, err: '' });
});

test.each([
  [['help'], 'COMMANDS'],
  [['--help'], 'COMMANDS'],
  [['help', 'models', 'pull'], 'USAGE smallfirst models pull'],
  [['report', '--since', '3d', '--help'], '--since'],
])('%j explains itself, without colours where there is no terminal', async (args, part) => {
  const { code, out, err } = await run(args);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toContain(part);
  expect(out).not.toContain('\u001B');
});

test('a mistake is one line on standard error, without a stack', async () => {
  const { code, out, err } = await run(['report', '--sinse', '3d']);
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err).toBe(
    'smallfirst: `smallfirst report` has no option --sinse (did you mean `--since`?). See `smallfirst report --help`.\n',
  );
});

test('a file that cannot be explained is named', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'smallfirst-run-'));
  const file = join(folder, 'request.json');
  writeFileSync(file, '{"messages": [],}');
  const { code, err } = await run(['explain', '--request', file]);
  rmSync(folder, { recursive: true });
  expect(code).toBe(1);
  expect(err).toContain(`smallfirst: ${file}: We could not parse the JSON`);
});

test('a reader that goes away is no failure', async () => {
  expect(await run(['models', 'list', '--json'], { isClosed: true })).toMatchObject({
    code: 0,
    err: '',
  });
});

test('the configuration of the current folder is used, and said; a question need not be quoted', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'smallfirst-run-'));
  writeFileSync(join(folder, 'smallfirst.yaml'), 'policy: offline\nstore: { kind: memory }\n');
  const { code, out, err } = await run(['explain', 'hi', 'there,', '--json', 'friend'], {
    cwd: folder,
  });
  rmSync(folder, { recursive: true });
  expect(code).toBe(0);
  expect(err).toContain(`Configuration: ${join(folder, 'smallfirst.yaml')}\n`);
  expect(JSON.parse(out)).toMatchObject({
    policy: { name: 'offline' },
    request: { inputTokens: 8 },
  });
});
