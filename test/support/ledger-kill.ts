/** Kills a process that writes to a ledger, repeatedly, and checks that acknowledged records survive. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { sqliteLedger } from '../../src/stores/sqlite/ledger.ts';

const writer = fileURLToPath(new URL('ledger-writer.ts', import.meta.url));

/** Ids that were acknowledged before the kill; `killAt` is how many of them to wait for. */
async function writeUntilKilled(path: string, round: number, killAt: number) {
  const child = spawn(process.execPath, [writer, path, String(round)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    if (output.split('\n').length > killAt) child.kill('SIGKILL');
  });
  await once(child, 'close');
  // The last line may be cut off: only complete lines are acknowledgements.
  return output.split('\n').slice(0, -1);
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
