import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { childLines } from './child-lines.ts';

const program = (script: string): readonly [string, ...string[]] => [
  process.execPath,
  '-e',
  script,
];
const never = new AbortController().signal;

test('lines come as they are printed, until it is closed', async () => {
  const heard: string[] = [];
  const lines = childLines({
    command: program(
      `console.log('one'); setTimeout(() => console.log('two'), 20); setInterval(() => {}, 1000)`,
    ),
    onLine: (line) => heard.push(line),
    nowMs: () => 0,
  });
  while (heard.length < 2) await lines.first(never);
  expect(heard).toEqual(['one', 'two']);
  expect(lines.problem()).toBeUndefined();
  lines.close();
});

test('a program that ended is restarted, but not at once', async () => {
  let now = 0;
  let lived = 0;
  const lines = childLines({
    command: program(`console.log('here'); console.error('no device'); process.exitCode = 3`),
    onLine: () => (lived += 1),
    nowMs: () => now,
  });
  const ended = async (): Promise<string> => {
    for (;;) {
      const why = lines.problem();
      if (why !== undefined) return why;
      await lines.first(never);
    }
  };
  expect(await ended()).toMatch(/ended \(3\): no device/);
  now = 4999;
  lines.problem();
  expect(lived).toBe(1);
  now = 5000;
  expect(lines.problem()).toMatch(/ended/);
  expect(await ended()).toMatch(/ended/);
  expect(lived).toBe(2);
  lines.close();
});

test('a program that never ends does not keep the gateway from exiting', async () => {
  const url = new URL('./child-lines.ts', import.meta.url).href;
  const script = `
    import { childLines } from ${JSON.stringify(url)};
    const command = [process.execPath, '-e', 'setInterval(() => console.log(1), 10)'];
    const lines = childLines({ command, onLine: () => {}, nowMs: () => 0 });
    await lines.first(AbortSignal.timeout(10000));
    console.log('heard');`;
  const args = ['--input-type=module', '-e', script];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  expect(stdout).toBe('heard\n');
});
