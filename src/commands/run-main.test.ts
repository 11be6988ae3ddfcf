/** The command line as a process: what it prints, where, and how it ends. */
import { spawn } from 'node:child_process';
import { expect, test } from 'vitest';
import { version } from '../version.ts';

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function run(args: readonly string[], { isClosed = false } = {}): Promise<Ended> {
  const child = spawn(process.execPath, ['src/main.ts', ...args], {
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
  [['help', 'models', 'pull'], 'NAME'],
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
    'smallfirst: `smallfirst report` has no option --sinse (did you mean `--since`?).\n',
  );
});

test('a reader that goes away is no failure', async () => {
  expect(await run(['models', 'list', '--json'], { isClosed: true })).toMatchObject({
    code: 0,
    err: '',
  });
});
