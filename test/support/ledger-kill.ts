/** Kills a process that writes to a ledger, again and again, and looks for what it had promised. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { sqliteLedger } from '../../src/stores/sqlite.ts';

const writer = fileURLToPath(new URL('ledger-writer.ts', import.meta.url));

/** Ids that were acknowledged before the kill; `killAt` is how many of them to wait for. */
async function writeUntilKilled(path: string, round: number, killAt: number) {
  const child = spawn(process.execPath, [writer, path, String(round)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    if (said.split('\n').length > killAt) child.kill('SIGKILL');
  });
  await once(child, 'close');
  // The last line may be cut: it was promised only if it is whole.
  return said.split('\n').slice(0, -1);
}

export async function lostAfterKills(path: string, rounds: number) {
  const acknowledged: string[] = [];
  for (let round = 0; round < rounds; round++) {
    acknowledged.push(...(await writeUntilKilled(path, round, 20 + 37 * round)));
  }
  const ledger = await sqliteLedger({ path, nowMs: () => performance.now() });
  const found = await Promise.all(acknowledged.map(async (id) => await ledger.get(id)));
  await ledger.close();
  const lost = acknowledged.filter((_, index) => found[index] === undefined);
  return { acknowledged: acknowledged.length, lost };
}
