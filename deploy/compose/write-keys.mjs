/**
 * The `init` service of compose.yaml: writes a random key into each secret file that is not there yet, and says where to
 * sign in. `show` prints the keys, on the terminal of who asks; the log never has them.
 * Usage: node write-keys.mjs FOLDER=NAME… [show] where each NAME becomes a file of that folder.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const args = process.argv.slice(2);
const show = args.at(-1) === 'show';
const secrets = args.filter((arg) => arg.includes('=')).map((pair) => pair.split('='));

for (const [folder, name] of secrets) {
  const file = join(folder, name);
  if (show) {
    console.log(`${name}  ${readFileSync(file, 'utf8')}`);
    continue;
  }
  try {
    if (!existsSync(folder)) mkdirSync(folder);
    // Read by the users of other containers, so the volume that holds it is what keeps it.
    writeFileSync(file, `sk-${randomBytes(32).toString('base64url')}`, { flag: 'wx', mode: 0o444 });
    console.log(`made ${name}`);
  } catch (error) {
    if (error.code !== 'EEXIST') {
      console.error(`${file} cannot be written (${error.code}): is its volume mounted, and writable?`);
      process.exit(1);
    }
  }
}
if (!show) {
  const { GATEWAY_URL, GRAFANA_URL } = process.env;
  console.log(`The API:       ${GATEWAY_URL}/v1          with the key smallfirst-app-key`);
  console.log(`The dashboard: ${GATEWAY_URL}/dashboard   with the key smallfirst-admin-key`);
  console.log(`Grafana:       ${GRAFANA_URL}              as admin, with the password grafana-admin-password`);
  console.log('The keys:      docker compose -f deploy/compose.yaml run --rm init show');
}
