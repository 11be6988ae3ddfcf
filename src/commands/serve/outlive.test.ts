import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

const MODULE = new URL('./outlive.ts', import.meta.url).href;

/** In a process of its own, which goes on for two turns of its event loop. */
const run = (fault: string): { readonly status: number | null; readonly stdout: string } =>
  spawnSync(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `const { outliveRejections } = await import('${MODULE}');
       outliveRejections((error) => console.log('reported', error.message));
       setImmediate(() => { ${fault}; setImmediate(() => setImmediate(() => console.log('goes on'))); });`,
    ],
    { encoding: 'utf8' },
  );

test('a rejection that nothing handles is reported, and the process goes on', () => {
  const { status, stdout } = run("void Promise.reject(new Error('of one request'))");
  expect(stdout).toBe('reported of one request\ngoes on\n');
  expect(status).toBe(0);
});

test('an exception that nothing catches still ends it', () => {
  const { status, stdout } = run("setImmediate(() => { throw new Error('anywhere'); })");
  expect(stdout).not.toContain('goes on');
  expect(status).not.toBe(0);
});
