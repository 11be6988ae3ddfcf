/** A configuration that is written to a file, in a folder that goes with the tests. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { ConfigError, loadConfig } from '../../src/config/load.ts';
import type { Environment } from '../../src/core/upstream-kind.ts';
import { upstreamKinds as kinds } from '../../src/upstreams/index.ts';

export interface ConfigFile {
  readonly folder: string;
  load(yaml: string, env?: Environment): Config;
  /** The problems of a file, as `check` prints them. */
  problems(yaml: string, env?: Environment): readonly string[];
}

/** Called once in a file of tests. */
export function configFile(): ConfigFile {
  const folder = mkdtempSync(join(tmpdir(), 'smallfirst-config-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const load = (yaml: string, env: Environment = {}): Config => {
    writeFileSync(join(folder, 'smallfirst.yaml'), yaml);
    return loadConfig({ file: 'smallfirst.yaml', env, cwd: folder, kinds });
  };
  const problems = (yaml: string, env: Environment = {}): readonly string[] => {
    try {
      load(yaml, env);
      return [];
    } catch (error) {
      if (error instanceof ConfigError) return error.message.split('\n');
      throw error;
    }
  };
  return { folder, load, problems };
}
