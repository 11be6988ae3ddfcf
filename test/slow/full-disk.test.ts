/** A disk that fills up under paid load: a file system of a few megabytes in memory. Needs the right to mount one. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { startGateway, type GatewayProcess } from '../support/gateway-process.ts';
import { ANSWER_NANO_USD } from '../support/paid-cloud.ts';
import { paidWorld } from '../support/paid-kill.ts';
import { fillVolume, isMountable, mountVolume, unmountVolume } from '../support/small-volume.ts';

const ask = async ({ url }: GatewayProcess, model: string): Promise<number> => {
  const done = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'hi' }], max_tokens: 20 }),
  });
  await done.text();
  return done.status;
};

test.skipIf(!isMountable)(
  'what is under way settles, nothing paid begins, and when there is space everything is written',
  async () => {
    const world = await paidWorld();
    const folder = join(dirname(world.config), 'small');
    mountVolume(folder, 16);
    try {
      const text = readFileSync(world.config, 'utf8').replace(
        'path: state.db',
        'path: small/state.db',
      );
      writeFileSync(world.config, text);
      const gateway = await startGateway(world.config);
      await ask(gateway, 'cloud/first');
      const filler = fillVolume(folder, 65_536);
      const statuses: number[] = [];
      for (let at = 0; at < 120; at += 1) statuses.push(await ask(gateway, `cloud/m-${at}`));
      expect(statuses.at(-1)).toBe(503);
      expect(existsSync(join(folder, 'state.db.ballast'))).toBe(false);
      rmSync(filler);
      await expect.poll(() => ask(gateway, 'cloud/last'), { interval: 500 }).toBe(200);
      expect(existsSync(join(folder, 'state.db.ballast'))).toBe(true);
      expect(await gateway.stop()).toBe(0);
      const db = new DatabaseSync(join(folder, 'state.db'), { readOnly: true });
      const rows = db.prepare('SELECT model, state, used_nano_usd AS used FROM attempts').all();
      const records = db.prepare('SELECT count(*) AS n FROM records').get()?.['n'];
      db.close();
      // Every call that reached the upstream has its row, settled at what it cost; every request has its record.
      expect(rows.filter(({ state }) => state === 'settled')).toHaveLength(world.asked().length);
      expect(rows.filter(({ state }) => state === 'open' || state === 'unknown')).toEqual([]);
      expect(rows.reduce((sum, { used }) => sum + Number(used), 0)).toBe(
        world.asked().length * ANSWER_NANO_USD,
      );
      expect(Number(records)).toBeGreaterThanOrEqual(122);
    } finally {
      unmountVolume(folder);
      await world.close();
    }
  },
);
