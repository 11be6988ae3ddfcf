import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { hubModel } from '../../test/support/model-hub.ts';
import { progressDisplay } from './progress.ts';

const model = hubModel(Buffer.alloc(0));

test('writes one line at every tenth where there is no terminal', () => {
  const out = new PassThrough();
  const display = progressDisplay(out);
  for (let doneBytes = 0; doneBytes <= 50_000_000; doneBytes += 100_000)
    display.update({ model, doneBytes, totalBytes: 50_000_000 });
  display.stop();
  const lines = String(out.read()).trimEnd().split('\n');
  expect(lines).toHaveLength(11);
  expect(lines[3]).toBe('tiny: 30 % of 50 MB');
});

test('draws a bar on a terminal', () => {
  const out = Object.assign(new PassThrough(), { isTTY: true });
  const display = progressDisplay(out);
  display.update({ model, doneBytes: 25_000_000, totalBytes: 50_000_000 });
  display.stop();
  expect(String(out.read())).toContain('tiny [');
});
