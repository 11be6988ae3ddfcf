/** For vitest's configurations: one run's temporary files are in a folder of its own, which goes with them when it ends. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export function setup(): () => void {
  const before = process.env['TMPDIR'];
  const folder = mkdtempSync(join(tmpdir(), 'smallfirst-tests-'));
  // Where the tests are root's, Postgres runs as a user of its own, who must get to what is its own in there.
  chmodSync(folder, 0o711);
  process.env['TMPDIR'] = folder;
  return () => {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    // What a test started may still write while it ends.
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
}
