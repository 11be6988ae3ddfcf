/** `report`: what was asked, spent and saved, from the ledger; for people, as JSON or as CSV. */
import { defineCommand } from 'citty';
import { ledgerPages, openLedgerReader } from '../app.ts';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { reporter, type Report, type Reporter } from '../learning/report.ts';
import { failing } from './failing.ts';
import { duration } from './quantities.ts';
import { recordLines } from './record-lines.ts';
import { reportAsCsv } from './report-csv.ts';
import { reportInWords } from './report-words.ts';

export const reportCommand = defineCommand({
  meta: { name: 'report', description: 'What was asked, spent and saved, and how that is known' },
  args: {
    since: { type: 'string', default: '30d', description: 'Not older than this: 12h, 30d, 4w' },
    records: {
      type: 'string',
      description: 'A file of records, one JSON a line (- = standard input), not the ledger',
    },
    config: { type: 'string', description: 'The configuration (smallfirst.yaml)' },
    json: { type: 'boolean', description: 'As JSON' },
    csv: { type: 'boolean', description: 'As CSV: section,item,unit,low,high' },
  },
  run: ({ args }) =>
    failing(async () => {
      const config = loadConfig({
        env: process.env,
        ...(args.config === undefined ? {} : { file: args.config }),
      });
      const untilMs = Date.now();
      const sinceMs = untilMs - duration('since', args.since);
      const reported = reporter({ sinceMs, untilMs, machine: machineOf(config) });
      if (args.records === undefined) await addLedger(reported, config, sinceMs);
      else await addFile(reported, args.records);
      process.stdout.write(`${written(reported.result(), args)}\n`);
    }),
});

interface Format {
  readonly json?: boolean | undefined;
  readonly csv?: boolean | undefined;
}

const written = (report: Report, { json, csv }: Format): string => {
  if (json) return JSON.stringify(report, null, 2);
  return csv ? reportAsCsv(report) : reportInWords(report);
};

function machineOf({ energy }: Config): Parameters<typeof reporter>[0]['machine'] {
  const { idleWatts, hardwareUsd, lifetimeYears, priceUsdPerKwh } = energy;
  return {
    priceUsdPerKwh,
    hardwareYears: lifetimeYears,
    ...(idleWatts === undefined ? {} : { idleWatts }),
    ...(hardwareUsd === undefined ? {} : { hardwareUsd }),
  };
}

async function addLedger(reported: Reporter, config: Config, sinceMs: number): Promise<void> {
  const ledger = await openLedgerReader(config);
  try {
    for await (const page of ledgerPages(ledger, sinceMs)) {
      for (const record of page) reported.add(record);
    }
  } finally {
    await ledger.close();
  }
}

async function addFile(reported: Reporter, file: string): Promise<void> {
  for await (const { records, badLines } of recordLines(file)) {
    for (const number of badLines) {
      process.stderr.write(`${file}:${number}  not a record, passed over\n`);
    }
    for (const record of records) reported.add(record);
  }
}
