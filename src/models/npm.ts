/** The user's npm: its registry, proxy and cache settings apply to what is fetched. */
import type { Environment } from '../core/upstream-kind.ts';

/**
 * How npm is started: `SMALLFIRST_NPM` is the path of its `npm-cli.js`, for images without an npm on the PATH,
 * and runs on the Node of this process.
 */
export function npmCommand(env: Environment): readonly [string, ...string[]] {
  const script = env['SMALLFIRST_NPM'];
  return script ? [process.execPath, script] : ['npm'];
}
