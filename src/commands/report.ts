/** `report`: requests, spending and savings, from the ledger; as text, JSON or CSV. */
import { defineCommand } from 'citty';
import { configuredReporter } from '../offline.ts';
import type { Report } from '../analysis/report.ts';
import { storeConfig } from './command-config.ts';
import { exitOnError } from './exit-on-error.ts';
import { duration } from './parse-options.ts';
import { reportBooks } from './report-books.ts';
import { reportAsCsv } from './report-csv.ts';
import { eachRecord } from './report-records.ts';
import { reportSci } from './report-sci.ts';
import { formatReport } from './format-report.ts';

export const reportCommand = defineCommand({
  meta: {
    name: 'report',
    description: 'Requests, spending and savings, and how each figure is known',
  },
  args: {
    since: { type: 'string', default: '30d', description: 'Not older than this: 12h, 30d, 4w' },
    records: {
      type: 'string',
      description: 'A file of records, one JSON a line (- = standard input), not the ledger',
    },
    config: { type: 'string', description: 'The configuration (smallfirst.yaml of this folder)' },
    json: { type: 'boolean', description: 'As JSON' },
    csv: { type: 'boolean', description: 'As CSV: section,item,unit,low,high' },
    by: {
      type: 'string',
      description: 'Money alone, owed and charged, by key, team, model or upstream',
    },
    per: { type: 'string', description: 'With --by, a row for each day, week or month' },
    zone: { type: 'string', description: 'With --per, the time zone of the days (UTC)' },
    sci: {
      type: 'boolean',
      description: 'Software Carbon Intensity instead; with --csv as rows for Impact Framework',
    },
    window: { type: 'string', default: '1d', description: 'Length of a row of --sci --csv' },
    bound: {
      type: 'string',
      default: 'high',
      description: 'Which end of the ranges --sci --csv has: low or high',
    },
  },
  run: ({ args }) =>
    exitOnError(async () => {
      const config = storeConfig(args.config);
      const untilMs = Date.now();
      const sinceMs = untilMs - duration('since', args.since);
      if (args.sci) {
        process.stdout.write(await reportSci(config, { ...args, sinceMs, untilMs }));
        return;
      }
      if (args.by !== undefined) {
        const told = await reportBooks(config, { ...args, by: args.by }, { sinceMs, untilMs });
        process.stdout.write(`${told}\n`);
        return;
      }
      const reported = configuredReporter(config, { sinceMs, untilMs });
      await eachRecord(config, { ...args, sinceMs }, (record) => reported.add(record));
      process.stdout.write(`${formatted(reported.result(), args)}\n`);
    }),
});

interface Format {
  readonly json?: boolean | undefined;
  readonly csv?: boolean | undefined;
}

const formatted = (report: Report, { json, csv }: Format): string => {
  if (json) return JSON.stringify(report, null, 2);
  return csv ? reportAsCsv(report) : formatReport(report);
};
