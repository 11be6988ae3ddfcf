/**
 * Run in a network of its own (`network-namespace.ts`): a gateway before an address that swallows everything, a name whose first
 * address does, and a server whose link goes down. Prints a line of JSON for each.
 */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { startGateway } from '../gateway-process.ts';
import { startMockUpstream } from '../mock-upstream.ts';
import { ip, neighbour } from '../network-namespace.ts';

/** Sent down the cable to a machine that is not there, which nobody says. */
export const DARK = '10.99.0.9';

export interface Seen {
  readonly what: string;
  readonly status: number;
  readonly upstream: string | null;
  readonly ms: number;
  readonly text: string;
}

async function main(): Promise<void> {
  ip('link', 'set', 'lo', 'up');
  const far = await neighbour(join(import.meta.dirname, 'far-server.ts'), '10.99.0.1', '10.99.0.2');
  ip('neigh', 'add', DARK, 'lladdr', '02:00:00:00:00:09', 'dev', 'near');
  const well = await startMockUpstream({ name: 'well', models: ['m'] });
  const folder = mkdtempSync(join(tmpdir(), 'smallfirst-dark-'));
  const upstream = (name: string, locality: string, url: string): string =>
    `  - { name: ${name}, kind: openai, locality: ${locality}, url: '${url}/v1', model: m }\n`;
  const policy = (small: string): void =>
    writeFileSync(
      join(folder, `${small}.yaml`),
      `name: ${small}\nobjective: { complexityBelow: 0.9 }\ntargets: { small: { upstream: ${small} }, large: { upstream: well } }\n`,
    );
  const start = async (small: string) => {
    policy(small);
    const config = join(folder, `smallfirst-${small}.yaml`);
    writeFileSync(
      config,
      `store: { kind: memory }\njudge: { deep: off }\nlog: { level: silent }\npolicy: ./${small}.yaml\nupstreams:\n` +
        upstream('dark', 'local', `http://${DARK}`) +
        upstream('named', 'local', `http://dark.test:${well.port}`) +
        upstream('far', 'local', `http://10.99.0.2:${far.said}`) +
        upstream('well', 'cloud', `http://127.0.0.1:${well.port}`),
    );
    return await startGateway(config, {
      NODE_OPTIONS: `--import ${join(import.meta.dirname, 'dark-names.ts')}`,
    });
  };
  for (const small of ['dark', 'named', 'far']) {
    const gateway = await start(small);
    const ask = async (what: string, content: string, more: object = {}): Promise<Seen> => {
      const from = performance.now();
      const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'auto', messages: [{ role: 'user', content }], ...more }),
      });
      const text = await answer.text();
      const ms = Math.round(performance.now() - from);
      const by = answer.headers.get('x-smallfirst-upstream');
      return { what, status: answer.status, upstream: by, ms, text: text.slice(-600) };
    };
    const say = (seen: Seen): void => void process.stdout.write(`${JSON.stringify(seen)}\n`);
    if (small === 'far') {
      say(await ask('far, up', 'quick'));
      const under = [ask('far, a stream', 'hi', { stream: true }), ask('far, whole', 'hi')];
      for (let lines = ''; lines.split('asked').length < 3;)
        lines += String((await once(far.child.stdout!, 'data'))[0]);
      far.link('down');
      for (const one of under) say(await one);
      say(await ask('far, down', 'hi'));
      far.link('up');
      let again = await ask('far, up again', 'quick');
      for (let tries = 0; again.upstream !== 'far' && tries < 600; tries += 1) {
        await wait(200);
        again = await ask('far, up again', 'quick');
      }
      say(again);
    } else say(await ask(small, 'hi'));
    await gateway.stop();
  }
  far.child.kill('SIGKILL');
  await well.close();
  rmSync(folder, { recursive: true });
}

if (process.argv[1] === import.meta.filename) await main();
