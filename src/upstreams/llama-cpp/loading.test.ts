import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, expect, test } from 'vitest';
import { makeGguf } from '../../../test/support/make-gguf.ts';
import { modelHost, type HostOptions, type ModelHost } from './host.ts';

const folder = mkdtempSync(join(tmpdir(), 'smallfirst-loading-'));
const file = join(folder, 'tiny.gguf');
writeFileSync(file, makeGguf({ kind: 'scripted', text: 'Hello.' }));
afterAll(() => rmSync(folder, { recursive: true }));

/** A thread that sends one message, and exits when asked to close. */
const saying = (message: object) => (): Worker =>
  new Worker(
    `const { parentPort } = require('node:worker_threads');
     parentPort.postMessage(${JSON.stringify(message)});
     parentPort.on('message', () => process.exit());`,
    { eval: true },
  );

const hostOf = (options: Partial<HostOptions>): ModelHost =>
  modelHost({
    name: 'local',
    model: 'tiny',
    modelFile: async () => file,
    engine: async () => 'node-llama-cpp',
    contextTokens: 16,
    threads: 1,
    gpu: false,
    template: 'auto',
    nowMs: () => 0,
    ...options,
  });

test.each([
  { kind: 'loaded', info: { contextTokens: 1, loadMs: 0 } },
  { kind: 'load-failed', message: 'no memory' },
])('a meter is told when loading begins, and once when it is over: $kind', async (message) => {
  const told: string[] = [];
  const host = hostOf({
    onLoading: () => {
      told.push('begins');
      return () => void told.push('over');
    },
    spawn: saying(message),
  });
  await host.start().catch(() => undefined);
  expect(told).toEqual(['begins', 'over']);
  await host.close();
});

test('a model is cold, loading and warm, down after a load that failed, and warm again', async () => {
  const lives = [
    saying({ kind: 'load-failed', message: 'no memory' }),
    saying({ kind: 'loaded', info: { contextTokens: 1, loadMs: 0 } }),
  ];
  const host = hostOf({ nowMs: () => 7, spawn: () => lives.shift()!() });
  expect(host.state()).toBe('cold');
  const failing = host.start();
  expect(host.state()).toBe('loading');
  await expect(failing).rejects.toThrow('no memory');
  expect(host.state()).toBe('down');
  expect(host.warmSinceMs()).toBeUndefined();
  const loading = host.start();
  expect(host.state()).toBe('loading');
  await loading;
  expect(host.state()).toBe('warm');
  expect(host.warmSinceMs()).toBe(7);
  await host.close();
});
