/** Copies an example of `deploy/examples/` into a new folder, with keys of its own. */
import { randomBytes } from 'node:crypto';
import { cpSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suggestion } from '../../lib/suggest.ts';
import { READABLE_BY_OWNER } from '../../lib/file-mode.ts';

/** Three folders up, from `src/commands/init` and from `dist/commands/init` alike. */
const EXAMPLES = join(dirname(fileURLToPath(import.meta.url)), '../../..', 'deploy', 'examples');

/** What a used example leaves behind is not copied. */
const LEFT_BEHIND =
  /(^|[/\\])(node_modules|\.venv|__pycache__|\.smallfirst|\.env|handovers\.jsonl)$/;

const KEYS = ['SUPPORT_BOT_KEY', 'SMALLFIRST_ADMIN_KEY'] as const;

/** @throws Error when there is no such example, or the folder exists */
export function copyTemplate(name: string, folder: string): void {
  const known = readdirSync(EXAMPLES);
  if (!known.includes(name))
    throw new Error(`There is no example '${name}'; ${suggestion(name, known)}.`);
  if (existsSync(folder))
    throw new Error(
      `${folder} exists already, and init overwrites nothing. Name another folder: smallfirst init ${name} --dir FOLDER`,
    );
  cpSync(join(EXAMPLES, name), folder, {
    recursive: true,
    filter: (source) => !LEFT_BEHIND.test(source),
  });
  const keys = KEYS.map((key) => `${key}=${randomBytes(24).toString('hex')}\n`).join('');
  writeFileSync(join(folder, '.env'), keys, { mode: READABLE_BY_OWNER });
  writeFileSync(
    join(folder, '.gitignore'),
    '.env\n.smallfirst/\nnode_modules/\n.venv/\n__pycache__/\nhandovers.jsonl\n',
  );
}
