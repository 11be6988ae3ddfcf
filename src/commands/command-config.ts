/** The configuration of a command: named by `--config` or `SMALLFIRST_CONFIG`, or found in the current folder. */
import { stateToMake, storedKeys } from '../offline.ts';
import type { Config } from '../config/config.ts';
import { foundConfig } from '../config/find.ts';
import { loadConfig } from '../config/load.ts';
import { shippedPolicies } from '../policy/shipped.ts';
import { upstreamKinds } from '../upstreams/index.ts';

const toStandardError = (line: string): void => void process.stderr.write(`${line}\n`);

/**
 * Says on standard error which file was found where none was named.
 * @throws ConfigError with every mistake
 */
export function commandConfig(named: string | undefined, say = toStandardError): Config {
  return found(named, 'wanted', say);
}

/**
 * The same for a command that reads or writes what is stored and asks no upstream: an operator's shell, or a timer that
 * makes backups, has not the keys that the service has.
 * @throws ConfigError with every mistake
 */
export function storeConfig(named: string | undefined, say = toStandardError): Config {
  return found(named, 'waived', say);
}

function found(
  named: string | undefined,
  secrets: 'wanted' | 'waived',
  say: (line: string) => void,
): Config {
  const file = named ?? foundConfig(process.env, process.cwd());
  const config = loadConfig({
    kinds: upstreamKinds,
    policies: shippedPolicies(),
    env: process.env,
    file,
    secrets,
    storedKeys,
  });
  if (named === undefined && file !== undefined) say(`Configuration: ${config.file}`);
  return config;
}

/** Says on standard error that a command is about to make a file of state: in a folder by mistake, nothing would follow what it does. */
export function sayNewState(store: Config['store'], say = toStandardError): void {
  const path = stateToMake(store);
  if (path === undefined) return;
  say(
    `There was no state at ${path} yet; it is made now. A gateway of another folder has its own, which --config leads to.`,
  );
}
