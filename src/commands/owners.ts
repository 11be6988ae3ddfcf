/** `owners adopt ID --key NAME`: whose an object at the cloud is that existed before this gateway kept owners. */
import { defineCommand } from 'citty';
import { openKeyStore, openOwners, shownKeys } from '../offline.ts';
import type { Config } from '../config/config.ts';
import { callerWith } from '../core/keys.ts';
import { ownerOf, type Owner } from '../core/owners.ts';
import { osUser } from '../lib/os-user.ts';
import { suggestion } from '../lib/suggest.ts';
import { storeConfig } from './command-config.ts';
import { exitOnError } from './exit-on-error.ts';

const adopt = defineCommand({
  meta: { name: 'adopt', description: 'Give an object at the cloud to a key, whosever it was' },
  args: {
    id: { type: 'positional', required: true, description: 'The object’s id, such as file-abc' },
    key: { type: 'string', required: true, description: 'The key that shall own it' },
    config: { type: 'string', description: 'The configuration (smallfirst.yaml)' },
    json: { type: 'boolean', description: 'As JSON' },
  },
  run: ({ args }) =>
    exitOnError(async () => {
      const config = storeConfig(args.config);
      const owner = await ownerNamed(args.key, config);
      const owners = openOwners(config.store);
      try {
        const before = (await owners.of(args.id))?.owner ?? null;
        const act = { who: osUser(), note: '', atMs: Date.now() };
        await owners.adopt({ id: args.id, owner, upstream: '' }, act);
        const text = `${args.id} belongs to ${owner}${before === null ? '' : `, and not to ${before} any more`}.`;
        process.stdout.write(
          `${args.json ? JSON.stringify({ id: args.id, owner, before }) : text}\n`,
        );
      } finally {
        await owners.close();
      }
    }),
});

/** @throws Error where there is no such key */
async function ownerNamed(name: string, config: Config): Promise<Owner> {
  const store = openKeyStore(config.store);
  try {
    const keys = await shownKeys(config, store);
    const key = keys.find((each) => each.name === name);
    if (key !== undefined) return ownerOf(callerWith(name, key));
    const names = keys.map((each) => each.name);
    throw new Error(`There is no key '${name}'; ${suggestion(name, names)}.`);
  } finally {
    await store.close();
  }
}

export const ownersCommand = defineCommand({
  meta: { name: 'owners', description: 'Whose the objects at the cloud are' },
  subCommands: { adopt },
});
