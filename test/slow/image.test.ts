/**
 * The image, built from `deploy/Dockerfile` on bases made of this machine's files, and started as a runtime would start it: as its
 * user, its root read-only. No container engine is needed, and none is shown to work.
 */
import { execFileSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { freePort } from '../support/gateway-process.ts';
import { buildImage, whyNoImages, type BuiltImage } from '../support/image.ts';
import { startMockUpstream, type MockUpstream } from '../support/mock-upstream.ts';

const missing = await whyNoImages();
if (missing !== undefined) process.stderr.write(`SKIPPED: the image: ${missing}\n`);

const MAX_MB = 300;
const USER = 65_532;
const APP_KEY = 'app-key-of-the-test-0123456789';
const ADMIN_KEY = 'admin-key-of-the-test-0123456789';

describe.skipIf(missing !== undefined)('the image', () => {
  let image: BuiltImage;
  let local: MockUpstream;

  beforeAll(async () => {
    image = await buildImage();
    local = await startMockUpstream({ name: 'local', models: ['slm'] });
  });
  afterAll(async () => {
    await local?.close();
    await image?.remove();
  });

  /** What a deployment mounts: a configuration with an upstream, the two keys, the volume. */
  const mounts = (volume: string): Record<string, string> => {
    const own = image.volume();
    const shipped = readFileSync('deploy/image/smallfirst.yaml', 'utf8');
    writeFileSync(
      join(own, 'smallfirst.yaml'),
      `${shipped}upstreams:\n  - { name: local, kind: openai, locality: local, url: ${local.url}, model: slm }\n`,
    );
    writeFileSync(join(own, 'app'), APP_KEY);
    writeFileSync(join(own, 'admin'), ADMIN_KEY);
    return {
      '/etc/smallfirst/smallfirst.yaml': join(own, 'smallfirst.yaml'),
      '/run/secrets/smallfirst-app-key': join(own, 'app'),
      '/run/secrets/smallfirst-admin-key': join(own, 'admin'),
      '/data': volume,
    };
  };

  async function started(volume: string): Promise<{ child: ChildProcess; port: string }> {
    const port = String(await freePort());
    const child = image.start({ mounts: mounts(volume), env: { SMALLFIRST_PORT: port } });
    onTestFinished(() => void child.kill('SIGKILL'));
    const said = tail(child);
    while ((await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined))?.ok !== true) {
      if (child.exitCode !== null) throw new Error(`It ended with ${child.exitCode}:\n${said()}`);
      await pause(50);
    }
    return { child, port };
  }

  const ask = async (port: string): Promise<Response> =>
    await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${APP_KEY}` },
      body: JSON.stringify({ model: 'auto', messages: [{ role: 'user', content: 'Hello' }] }),
    });

  const stop = async (child: ChildProcess): Promise<unknown> => {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    return (await ended)[0];
  };

  test('runs as 65532 by an exec form, with a health check that needs no shell', () => {
    const { User: user, Entrypoint, Cmd, Volumes, Healthcheck } = image.config;
    expect(user).toBe(`${USER}:${USER}`);
    expect([...Entrypoint, ...Cmd]).toEqual([
      '/nodejs/bin/node',
      '--max-semi-space-size=16',
      '/app/dist/main.js',
      'serve',
    ]);
    expect(Object.keys(Volumes)).toEqual(['/data']);
    expect(Healthcheck.Test).toEqual(['CMD', '/nodejs/bin/node', '/app/dist/main.js', 'health']);
  });

  test(`is at most ${MAX_MB} MB, and its application has no sources, tests or development tools`, () => {
    const bytes = (folder: string): number =>
      Number(
        execFileSync('du', ['-sb', join(image.root, folder)], { encoding: 'utf8' }).split('\t')[0],
      );
    const megabytes = (folder: string): number => Math.round(bytes(folder) / 1e5) / 10;
    const sizes = ['', 'nodejs', 'app', 'app/npm'].map(
      (folder) => `/${folder} ${megabytes(folder)} MB`,
    );
    process.stderr.write(`image, unpacked: ${sizes.join(', ')}\n`);
    expect(megabytes('')).toBeLessThanOrEqual(MAX_MB);
    expect(readdirSync(join(image.root, 'app')).toSorted()).toEqual([
      'LICENSE',
      'NOTICE',
      'dist',
      'npm',
      'package.json',
      'policies',
      'sbom.json',
    ]);
  });

  test('lists what it is made of', () => {
    const bill: { bomFormat: string; components: readonly { name: string }[] } = JSON.parse(
      readFileSync(join(image.root, 'app/sbom.json'), 'utf8'),
    );
    expect(bill.bomFormat).toBe('CycloneDX');
    const names = bill.components.map(({ name }) => name);
    expect(names).toContain('hono');
    expect(names).not.toContain('vitest');
  });

  test('answers with a read-only root, is healthy, ends with 0, and keeps its ledger', async () => {
    const volume = image.volume();
    const first = await started(volume);
    const answer = await ask(first.port);
    expect(answer.headers.get('x-smallfirst-upstream')).toBe('local');
    await answer.text();
    expect(await health(mounts(volume), first.port)).toBe(0);
    expect(await stop(first.child)).toBe(0);
    expect(await health(mounts(volume), first.port)).toBe(1);
    const second = await started(volume);
    const found = await fetch(
      `http://127.0.0.1:${second.port}/admin/requests/${answer.headers.get('x-request-id')}`,
      { headers: { authorization: `Bearer ${ADMIN_KEY}` } },
    );
    expect(found.status).toBe(200);
    expect(await stop(second.child)).toBe(0);
  });

  test('without a writable volume, or without its keys, it says what to do and ends with 1', async () => {
    const volume = image.volume();
    const { '/data': _, ...unwritable } = mounts(volume);
    const bare = await outcome(image.start({ mounts: unwritable }));
    expect(bare).toMatchObject({ code: 1 });
    expect(bare.said).toMatch(
      /'\/data\/state.db': it cannot be opened; see that its folder exists and this user may write/,
    );
    expect(bare.said.trim().split('\n')).toHaveLength(1);
    const keyless = await outcome(image.start({ mounts: { '/data': volume } }));
    expect(keyless).toMatchObject({ code: 1 });
    // Where an earlier start left an empty mount point, the file is there and empty.
    expect(keyless.said).toMatch(/smallfirst-\w+-key cannot be read|key` is empty/);
  });

  test('on a state file of a newer version it says so in one sentence, leaves the file alone, and ends with 1', async () => {
    const volume = image.volume();
    const state = join(volume, 'state.db');
    const newer = new DatabaseSync(state);
    newer.exec('PRAGMA user_version = 99');
    newer.close();
    chownSync(state, USER, USER);
    const before = readFileSync(state);
    const refused = await outcome(image.start({ mounts: mounts(volume) }));
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.said).toMatch(/written by a newer Smallfirst \(schema 99/);
    expect(refused.said.trim().split('\n')).toHaveLength(1);
    expect(readFileSync(state).equals(before)).toBe(true);
  });

  const health = async (all: Record<string, string>, port: string): Promise<number | null> =>
    (await outcome(image.start({ mounts: all, env: { SMALLFIRST_PORT: port } }, ['health']))).code;
});

function tail(child: ChildProcess): () => string {
  let kept = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (piece: string) => (kept = (kept + piece).slice(-8000)));
  return () => kept;
}

async function outcome(child: ChildProcess): Promise<{ code: number | null; said: string }> {
  const ended = once(child, 'exit');
  child.stdout?.resume();
  const said = child.stderr === null ? '' : await text(child.stderr);
  const [code]: readonly unknown[] = await ended;
  return { code: typeof code === 'number' ? code : null, said };
}
