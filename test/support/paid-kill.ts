/** Kills a gateway under paid load, again and again, and compares its book of attempts with what the upstream was asked. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { startGateway, type GatewayProcess } from './gateway-process.ts';
import { simplePolicy } from './gateway-fixture.ts';
import { askedModels, paidCloudYaml, startPaidCloud } from './paid-cloud.ts';

interface Row {
  readonly model: string;
  readonly state: string;
  readonly reserved: number;
  readonly used: number;
}

export interface PaidWorld {
  readonly config: string;
  /** The model of every call that reached the upstream: each asks for one of its own. */
  readonly asked: () => readonly string[];
  readonly rows: () => readonly Row[];
  readonly spent: () => number;
  /** Records of requests. */
  readonly records: () => number;
  close(): Promise<void>;
}

/** @param budget YAML of the budgets
 * @param chunkDelayMs how slowly the stand-in streams */
export async function paidWorld(budget = '', chunkDelayMs = 3): Promise<PaidWorld> {
  const cloud = await startPaidCloud(chunkDelayMs);
  const folder = await mkdtemp(join(tmpdir(), 'paid-kills-'));
  const config = join(folder, 'smallfirst.yaml');
  await writeFile(join(folder, 'policy.yaml'), simplePolicy());
  await writeFile(
    config,
    `policy: ./policy.yaml
judge: { deep: off }
log: { level: silent }
store: { kind: sqlite, path: state.db }
limits: { drainMs: 20000 }
upstreams:
  - { name: local, kind: openai, locality: local, url: 'http://127.0.0.1:9/v1', model: slm }
${paidCloudYaml(cloud)}
${budget}`,
  );
  const read = (sql: string) => {
    const db = new DatabaseSync(join(folder, 'state.db'));
    const rows = db.prepare(sql).all();
    db.close();
    return rows;
  };
  return {
    config,
    asked: () => askedModels(cloud),
    rows: () =>
      read('SELECT model, state, reserved_nano_usd, used_nano_usd FROM attempts').map((row) => ({
        model: String(row['model']),
        state: String(row['state']),
        reserved: Number(row['reserved_nano_usd']),
        used: Number(row['used_nano_usd']),
      })),
    spent: () => Number(read('SELECT sum(nano_usd) AS sum FROM spending')[0]?.['sum'] ?? 0),
    records: () => Number(read('SELECT count(*) AS n FROM records')[0]?.['n'] ?? 0),
    close: async () => {
      await cloud.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** Asks with that many requests at a time until the gateway is gone: whole, streamed, and left before the end. */
async function load({ url }: GatewayProcess, width: number, name: string): Promise<void> {
  let count = 0;
  let isGone = false;
  const one = async (): Promise<void> => {
    while (!isGone) {
      const at = count++;
      const leave = at % 7 === 3 ? AbortSignal.timeout(4) : AbortSignal.timeout(20_000);
      const body = JSON.stringify({
        model: `cloud/${name}-${at}`,
        messages: [{ role: 'user', content: 'hi' }],
        max_tokens: 20,
        stream: at % 3 === 1,
      });
      const headers = { 'content-type': 'application/json' };
      const path = `${url}/v1/chat/completions`;
      try {
        const done = await fetch(path, { method: 'POST', headers, body, signal: leave });
        await done.text();
      } catch (error) {
        isGone = !(error instanceof DOMException) && !leave.aborted;
      }
    }
  };
  await Promise.all(Array.from({ length: width }, one));
}

/** Streams that have begun, and go on until somebody ends them. */
export async function streams({ url }: GatewayProcess, count: number): Promise<void> {
  await Promise.all(
    Array.from({ length: count }, async (_, at) => {
      const done = await fetch(`${url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          model: `cloud/s-${at}`,
          messages: [{ role: 'user', content: 'hi' }],
          max_tokens: 20,
          stream: true,
        }),
      });
      const reader = done.body?.getReader();
      await reader?.read();
      // Read on until it is cut off, so that nothing waits for us.
      void (async () => {
        while ((await reader?.read())?.done === false);
      })().catch(() => {});
    }),
  );
}

/** Each round ends with SIGKILL at another moment; the last start takes over what was left. */
export async function killedUnderLoad(world: PaidWorld, rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    const gateway = await startGateway(world.config);
    const loaded = load(gateway, 12, `r${round}`);
    const before = world.asked().length;
    const enough = before + 20 + ((round * 37) % 90);
    while (world.asked().length < enough) await new Promise((resolve) => setTimeout(resolve, 2));
    process.kill(gateway.pid, 'SIGKILL');
    await loaded;
  }
  await (await startGateway(world.config)).stop();
}
