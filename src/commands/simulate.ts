/** `simulate`: decides recorded requests again under another policy; with bounds, a gate for CI. */
import { existsSync } from 'node:fs';
import { defineCommand } from 'citty';
import { ledgerPages, openForReading, openReplay } from '../offline.ts';
import type { Config } from '../config/config.ts';
import type { UsageRecord } from '../core/record.ts';
import { simulator, type Simulation, type Simulator } from '../analysis/simulate.ts';
import { checkBounds, type Bounds, type BoundResult } from '../analysis/simulation/bounds.ts';
import { storeConfig } from './command-config.ts';
import { exitOnError } from './exit-on-error.ts';
import { duration, share } from './parse-options.ts';
import { readRecords } from './read-records.ts';
import { assumptions, formatBound, formatSimulation } from './format-simulation.ts';

export const simulateCommand = defineCommand({
  meta: { name: 'simulate', description: 'Recorded requests decided again under another policy' },
  args: {
    policy: { type: 'string', required: true, description: 'The policy to try: a name or a file' },
    records: {
      type: 'string',
      description: 'A file of records, one JSON a line (- = standard input), not the ledger',
    },
    since: { type: 'string', description: 'Not older than this: 12h, 30d, 4w (ledger: 30d)' },
    config: { type: 'string', description: 'The configuration (smallfirst.yaml of this folder)' },
    json: { type: 'boolean', description: 'As JSON' },
    'local-tokens-per-second': {
      type: 'string',
      description: 'Assumed of a local model that no record shows at work: 20',
    },
    'max-large-share': { type: 'string', description: 'Fail if more goes to the large model: 0.5' },
    'max-flips': { type: 'string', description: 'Fail if more goes elsewhere than before: 0.1' },
    'max-cost-change': { type: 'string', description: 'Fail if the cost rises by more: +5%' },
    'min-quality': { type: 'string', description: 'Fail if less quality is surely kept: 0.9' },
  },
  run: ({ args }) =>
    exitOnError(async () => {
      const bounds = boundsOf(args);
      const config = storeConfig(args.config);
      const simulation = await simulate(config, {
        ...args,
        localMsPerToken: msPerToken(args['local-tokens-per-second']),
        nowMs: Date.now(),
      });
      const checked = checkBounds(simulation, bounds);
      process.stdout.write(
        `${args.json ? asJson(simulation, checked) : formatSimulation(simulation)}\n`,
      );
      const crossed = checked.filter(({ isCrossed }) => isCrossed);
      for (const bound of crossed) process.stderr.write(`${formatBound(bound)}\n`);
      if (crossed.length > 0) process.exitCode = 1;
    }),
});

function boundsOf(args: Readonly<Record<string, unknown>>): Bounds {
  const given = (option: string, { signed } = { signed: false }): number | undefined => {
    const text = args[option];
    return share(option, typeof text === 'string' ? text : undefined, { signed });
  };
  return {
    maxLargeShare: given('max-large-share'),
    maxFlips: given('max-flips'),
    maxCostChange: given('max-cost-change', { signed: true }),
    minQuality: given('min-quality'),
  };
}

function msPerToken(tokensPerSecond: string | undefined): number | undefined {
  if (tokensPerSecond === undefined) return undefined;
  const value = Number(tokensPerSecond);
  if (value > 0 && Number.isFinite(value)) return 1000 / value;
  throw new Error(`--local-tokens-per-second is "${tokensPerSecond}"; give a number above 0.`);
}

interface What {
  readonly policy: string;
  readonly records?: string | undefined;
  readonly since?: string | undefined;
  readonly localMsPerToken: number | undefined;
  readonly nowMs: number;
}

const SINCE = '30d';

async function simulate(config: Config, what: What): Promise<Simulation> {
  const { known, accountant, load, keptQuality } = await openReplay(config, process.env);
  const policy = load(what.policy, process.cwd());
  const replayed = simulator({
    policy,
    known,
    accountant,
    keptQuality: keptQuality(policy),
    localMsPerToken: what.localMsPerToken,
  });
  const { records, since, nowMs } = what;
  if (records === undefined) {
    await addLedger(replayed, config, nowMs - duration('since', since ?? SINCE));
  } else {
    await addFile(replayed, records, since === undefined ? 0 : nowMs - duration('since', since));
  }
  const result = replayed.result();
  if (result.records.replayed === 0) throw new Error(nothingReplayed(result));
  return result;
}

async function addLedger(replayed: Simulator, config: Config, sinceMs: number): Promise<void> {
  const ledger = openForReading(config.store);
  try {
    for await (const page of ledgerPages(ledger, sinceMs)) addAll(replayed, page);
  } finally {
    await ledger.close();
  }
}

async function addFile(replayed: Simulator, file: string, sinceMs: number): Promise<void> {
  if (file !== '-' && !existsSync(file)) throw new Error(`There is no file ${file}.`);
  let bad = 0;
  for await (const { records, badLines } of readRecords(file)) {
    for (const number of badLines) {
      bad += 1;
      if (bad <= 5) process.stderr.write(`${file}:${number}  not a record, passed over\n`);
    }
    addAll(
      replayed,
      records.filter(({ atMs }) => atMs >= sinceMs),
    );
  }
  if (bad > 5) process.stderr.write(`${file}: ${bad} lines in all are not records\n`);
}

function addAll(replayed: Simulator, records: readonly UsageRecord[]): void {
  for (const record of records) replayed.add(record);
}

function nothingReplayed({ records: { unusable } }: Simulation): string {
  const { withoutSituation, undecided, shadow } = unusable;
  if (withoutSituation + undecided + shadow === 0) {
    return 'There are no records to replay in this time. Give a longer --since, or another file.';
  }
  return `None of ${withoutSituation + undecided + shadow} records can be decided again: ${withoutSituation} are older than the version that keeps what a decision depends on, ${undecided} were never decided.`;
}

const asJson = (simulation: Simulation, bounds: readonly BoundResult[]): string =>
  JSON.stringify({ ...simulation, bounds, assumptions: assumptions(simulation) }, null, 2);
