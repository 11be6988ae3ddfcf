import { runCommand } from 'citty';
import { expect, test, vi } from 'vitest';
import { demoCommand } from './index.ts';

test.each(['70000', 'abc'])('a port that is none is named by its option: %s', async (port) => {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    await runCommand(demoCommand, { rawArgs: ['--port', port] });
    expect(write.mock.calls.map(([text]) => String(text)).join('')).toContain(
      `--port is "${port}"`,
    );
  } finally {
    write.mockRestore();
    process.exitCode = undefined;
  }
});
