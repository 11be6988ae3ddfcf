import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const MODULE = join(import.meta.dirname, 'on-orphaned.ts');
/** A process that lives on, unless it is stopped; `up` says that it listens for the end of its parent. */
const CHILD = `
import(${JSON.stringify(MODULE)}).then(({ onOrphaned }) => {
  setInterval(() => {}, 60_000);
  onOrphaned(process.env, () => { console.log('stopped'); process.exit(); });
  console.log('up');
});`;

/** Its shell is ended as soon as it is up, as npm ends it; resolves when nobody holds its output any more. */
function underShell(env: Readonly<Record<string, string>>): Promise<string> {
  const shell = spawn('sh', ['-c', '"$NODE" -e "$CHILD"; :'], {
    env: { ...env, NODE: process.execPath, CHILD },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let said = '';
  shell.stdout.on('data', (data: Buffer) => {
    said += data.toString();
    if (said === 'up\n') shell.kill('SIGTERM');
  });
  return new Promise((resolve, reject) => {
    shell.once('error', reject).once('close', () => resolve(said));
  });
}

test.skipIf(process.platform === 'win32')(
  'a gateway of npm stops when its shell was ended',
  async () => {
    expect(await underShell({ npm_lifecycle_event: 'start' })).toBe('up\nstopped\n');
  },
);
