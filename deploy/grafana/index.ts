/**
 * `node deploy/grafana/index.ts` writes `dashboards/*.json`, which Grafana imports. A test compares the
 * files with the output.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cost } from './cost.ts';
import { buildDashboard, type DashboardSpec } from './dashboard.ts';
import { energy } from './energy.ts';
import { latency } from './latency.ts';
import { overview } from './overview.ts';
import { quality } from './quality.ts';
import { reliability } from './reliability.ts';

export const dashboards: readonly DashboardSpec[] = [
  overview,
  latency,
  cost,
  quality,
  energy,
  reliability,
];

/** File name to content. */
export const dashboardFiles = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    dashboards.map((spec) => [
      `${spec.uid}.json`,
      `${JSON.stringify(buildDashboard(spec), null, 2)}\n`,
    ]),
  );

function main(): void {
  for (const [name, text] of Object.entries(dashboardFiles()))
    writeFileSync(join(import.meta.dirname, 'dashboards', name), text);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main();
