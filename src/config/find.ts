/** The configuration that nobody named. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from '../core/upstream-kind.ts';

const NAME = 'smallfirst.yaml';

/** `smallfirst.yaml` where it is in this folder and `SMALLFIRST_CONFIG` names no other. */
export function foundConfig(env: Environment, folder: string): string | undefined {
  return !env['SMALLFIRST_CONFIG'] && existsSync(join(folder, NAME)) ? NAME : undefined;
}
