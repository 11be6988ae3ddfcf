/** `report`: what was asked, spent and saved, from the ledger; for people, as JSON or as CSV. */
import { defineCommand } from 'citty';
import { configuredReporter } from '../app.ts';
import { loadConfig } from '../config/load.ts';
import type { Report } from '../analysis/report.ts';
import { upstreamKinds } from '../upstreams/index.ts';
import { exitOnError } from './exit-on-error.ts';
import { duration } from './parse-options.ts';
import { reportAsCsv } from './report-csv.ts';
import { eachRecord } from './report-records.ts';
import { reportSci } from './report-sci.ts';
import { formatReport } from './format-report.ts';

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
    sci: {
      type: 'boolean',
      description: 'Software Carbon Intensity instead; with --csv the rows Impact Framework reads',
    },
    window: { type: 'string', default: '1d', description: 'Length of a row of --sci --csv' },
    bound: { type: 'string', default: 'high', description: 'End of the ranges in it: low or high' },
  },
  run: ({ args }) =>
    exitOnError(async () => {
      const config = loadConfig({
        kinds: upstreamKinds,
        env: process.env,
        ...(args.config === undefined ? {} : { file: args.config }),
      });
      const untilMs = Date.now();
      const sinceMs = untilMs - duration('since', args.since);
      if (args.sci) {
        process.stdout.write(await reportSci(config, { ...args, sinceMs, untilMs }));
        return;
      }
      const reported = configuredReporter(config, { sinceMs, untilMs });
      await eachRecord(config, { ...args, sinceMs }, (record) => reported.add(record));
      process.stdout.write(`${written(reported.result(), args)}\n`);
    }),
});

interface Format {
  readonly json?: boolean | undefined;
  readonly csv?: boolean | undefined;
}

const written = (report: Report, { json, csv }: Format): string => {
  if (json) return JSON.stringify(report, null, 2);
  return csv ? reportAsCsv(report) : formatReport(report);
};
