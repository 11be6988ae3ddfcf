/** Files of YAML, damaged: each mistake is named with its place, and nothing secret. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { ConfigError, loadConfig } from '../../src/config/load.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { PolicyError } from '../../src/policy/read.ts';
import { upstreamKinds } from '../../src/upstreams/index.ts';
import type { FuzzTarget } from './target.ts';

const INSERTED = [
  '\n',
  ': ',
  '- ',
  '{',
  '}',
  '[',
  ']',
  '"',
  "'",
  '&a ',
  '*a',
  '\t',
  '|',
  '>',
  '!!js ',
  '#',
  '${',
  '${BOT_KEY}',
  ' ${ADMIN}',
  '.inf',
  'null',
  '__proto__',
  '<<: ',
  '0x',
  '999999999999',
  '-1',
  '\u0000',
  '\ufeff',
];
const cut = fc.record({
  at: fc.nat(),
  length: fc.nat({ max: 30 }),
  insert: fc.oneof(
    fc.string({ maxLength: 6 }),
    fc.constantFrom(...INSERTED),
    fc.constantFrom(...INSERTED),
  ),
});
const cuts = fc.array(cut, { minLength: 1, maxLength: 4 });

function changed(
  text: string,
  all: readonly { at: number; length: number; insert: string }[],
): string {
  let now = text;
  for (const { at, length, insert } of all) {
    const from = at % (now.length + 1);
    now = now.slice(0, from) + insert + now.slice(from + length);
  }
  return now;
}

/** @throws Error for a mistake that is not told as `file:line:column  what is wrong` */
function holdMessage(message: string, file: string): void {
  for (const line of message.split('\n')) {
    const isPlaced = new RegExp(`^${file.replaceAll('.', '\\.')}:\\d+:\\d+ {2}\\S`).test(line);
    if (!isPlaced) throw new Error(`a mistake without its place: ${line}`);
    if (/undefined|\[object|^\s+at |7f3a9/.test(line))
      throw new Error(`a mistake that says ${line}`);
  }
}

const POLICIES = readdirSync('policies')
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => readFileSync(join('policies', file), 'utf8'));

const context = {
  upstreams: undefined,
  signals: ['code', 'complexity', 'domain', 'language', 'maths', 'pii', 'stakes'],
  thresholdFor: () => ({ value: 0.5, from: 'the fuzzer' }),
};

export const policyYaml: FuzzTarget = {
  name: 'policy-yaml',
  run: async (running) => {
    const anyCase = fc.record({ text: fc.constantFrom(...POLICIES), cuts });
    fc.assert(
      fc.property(anyCase, ({ text, cuts: all }) => {
        try {
          loadPolicy({ text: changed(text, all), file: 'p.yaml' }, context);
        } catch (error) {
          if (!(error instanceof PolicyError)) throw error;
          holdMessage(error.message, 'p.yaml');
        }
      }),
      running,
    );
  },
};

/** Every part of a configuration that more than a word describes. */
const CONFIG = `server: { host: 127.0.0.1, port: 4100, cors: ['https://a.example'], hosts: [box], basePath: /llm, workers: 1 }
auth:
  mode: keys
  adminKey: \${ADMIN}
  keys:
    - { name: bot, key: '\${BOT_KEY}', team: shop, mayOverride: false, limits: { requestsPerMinute: 5 } }
upstreams:
  - { name: local, kind: openai, locality: local, url: 'http://127.0.0.1:11434/v1', model: qwen3:4b, timeouts: { idleMs: 5 } }
  - name: cloud
    kind: openai
    locality: cloud
    url: https://api.openai.com/v1
    apiKey: '\${BOT_KEY}'
    model: gpt-4o
    models: [gpt-4o-mini]
    price: { inputUsdPerMillion: 1, outputUsdPerMillion: 2 }
    headers: { x-team: shop }
policy: default
interceptModels: [gpt-4o]
budgets:
  - { name: all, usd: 5, per: day, timeZone: Europe/Madrid, warnAt: [0.8] }
store: { kind: sqlite, path: state.db, keepDays: 30 }
energy: { zone: ESP, meter: off, priceUsdPerKwh: 0.2 }
judge: { deep: off }
idempotency: { lingerMs: 5000 }
log: { level: info }
limits: { maxBodyBytes: 1000000, maxInFlight: 5, drainMs: 1000, maxDepth: 32 }
carried: [{ method: POST, path: /agents, makes: true }]
`;

export const configYaml: FuzzTarget = {
  name: 'config-yaml',
  run: async (running) => {
    const folder = mkdtempSync(join(tmpdir(), 'smallfirst-fuzz-'));
    const file = join(folder, 'smallfirst.yaml');
    const env = { ADMIN: 'admin-7f3a9-0123456789', BOT_KEY: 'bot-7f3a9-0123456789' };
    fc.assert(
      fc.property(cuts, (all) => {
        writeFileSync(file, changed(CONFIG, all));
        try {
          loadConfig({ file: 'smallfirst.yaml', cwd: folder, env, kinds: upstreamKinds });
        } catch (error) {
          if (!(error instanceof ConfigError)) throw error;
          holdMessage(error.message, 'smallfirst.yaml');
        }
      }),
      running,
    );
    rmSync(folder, { recursive: true });
  },
};
