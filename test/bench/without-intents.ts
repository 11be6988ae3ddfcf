/** A gateway as `serve` starts it, whose book of attempts is in memory: what durable intents cost is the difference. */
import { startGateway } from '../../src/app.ts';
import { loadConfig } from '../../src/config/load.ts';
import { openStores } from '../../src/stores/open.ts';
import { memoryAttempts } from '../../src/stores/memory/attempts.ts';
import { upstreamKinds } from '../../src/upstreams/index.ts';

const [file = ''] = process.argv.slice(2);
const config = loadConfig({ file, env: process.env, kinds: upstreamKinds });
const nowMs = (): number => performance.now();
const stores = await openStores(config.store, { nowMs, onLedgerProblem: () => {} });
const gateway = await startGateway(config, { stores: { ...stores, attempts: memoryAttempts() } });
process.once('SIGTERM', () => void gateway.close());
