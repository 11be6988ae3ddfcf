import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { upstreamKinds as kinds } from '../upstreams/index.ts';
import type { Config } from './config.ts';
import { loadConfig } from './load.ts';

const folder = mkdtempSync(join(tmpdir(), 'smallfirst-checks-'));
afterAll(() => rmSync(folder, { recursive: true }));

function load(yaml: string): Config {
  writeFileSync(join(folder, 'smallfirst.yaml'), yaml);
  return loadConfig({ file: 'smallfirst.yaml', env: {}, cwd: folder, kinds });
}

describe('what a meter needs', () => {
  test.each([
    ['meter: fixed', '1:18  `meter: fixed` needs `energy.fixedWatts` beside it'],
    ['meter: prometheus', '1:18  `meter: prometheus` needs `energy.prometheus` beside it'],
    ['zone: XQZ', '1:17  no grid has this zone; '],
    ['zone: US-CAL-CIS0', '1:17  no grid has this zone; did you mean `US-CAL-CISO`?'],
  ])('is said where %s stands alone', (line, problem) => {
    expect(() => load(`energy: { ${line} }`)).toThrow(`smallfirst.yaml:${problem}`);
  });

  test('is an existing upstream', () => {
    const yaml = `energy: { upstreams: [lokal] }
upstreams: [{ name: local, kind: openai, locality: local, url: http://x/v1, model: m }]`;
    expect(() => load(yaml)).toThrow(
      'smallfirst.yaml:1:23  there is no upstream `lokal`; did you mean `local`?',
    );
  });

  test('may be complete', () => {
    const { energy } = load('energy: { meter: fixed, fixedWatts: 90, zone: DE }');
    expect(energy).toMatchObject({ meter: 'fixed', fixedWatts: 90, zone: 'DE' });
  });
});
