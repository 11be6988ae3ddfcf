/** Builds reports on an installation, from records that a command reads or from a running gateway's ledger. */
import { setImmediate } from 'node:timers/promises';
import type { Environment } from '../core/upstream-kind.ts';
import type { Config } from '../config/config.ts';
import type { Summary } from '../core/admin-figures.ts';
import type { FiguresReader, FiguresWindow, Ledger } from '../core/store.ts';
import {
  reporter,
  reportOf,
  type Report,
  type Reporter,
  type ReportOptions,
} from '../analysis/report.ts';
import { knownJudges } from './cards.ts';
import { ledgerPages } from '../stores/ledger-pages.ts';

type Period = Pick<ReportOptions, 'sinceMs' | 'untilMs'>;

/** A reporter that knows the machine of this configuration; milliseconds since the epoch. */
export const configuredReporter = (
  config: Config,
  period: Period,
  env: Environment = process.env,
): Reporter =>
  reporter({
    ...period,
    machine: machineIn(config),
    judgeOf: knownJudges({ env, printLine: () => {} }),
  });

function machineIn({ energy }: Config): ReportOptions['machine'] {
  const { idleWatts, hardwareUsd, lifetimeYears, priceUsdPerKwh } = energy;
  return {
    priceUsdPerKwh,
    hardwareYears: lifetimeYears,
    ...(idleWatts === undefined ? {} : { idleWatts }),
    ...(hardwareUsd === undefined ? {} : { hardwareUsd }),
  };
}

/** What `GET /admin/summary` answers. */
export async function summaryOf(
  config: Config,
  figures: Pick<FiguresReader, 'totals'>,
  window: FiguresWindow,
  quality: Summary['quality'],
): Promise<Summary> {
  const { totals, countedFromMs } = await figures.totals(window);
  const { more, tokens, egress, latency, firstToken, verdicts, by } = totals;
  const period = { sinceMs: window.fromMs, untilMs: window.toMs };
  return {
    ...reportOf(totals, { ...period, machine: machineIn(config) }),
    more,
    tokens,
    egress,
    latency,
    firstToken,
    verdicts,
    quality,
    by,
    countedFromMs,
  };
}

/**
 * A page's JSON is parsed on the thread that serves requests. Measured on a shared 2-core machine: pages of
 * 100 block it for up to 10 ms, pages of 1,000 for 26 to 78 ms.
 */
const PAGE = 100;

/**
 * The report of a ledger's records between two times. Reads page by page and yields to requests in between.
 * @throws GatewayError when the store cannot be read
 */
export async function reportOnLedger(
  config: Config,
  ledger: Pick<Ledger, 'list'>,
  period: Period,
): Promise<Report> {
  const reported = configuredReporter(config, period);
  for await (const page of ledgerPages(ledger, period.sinceMs, PAGE)) {
    for (const record of page) reported.add(record);
    // The memory ledger resolves in microtasks, which alone would block all other requests.
    await setImmediate();
  }
  return reported.result();
}
