/**
 * `node deploy/prometheus/metrics-page.ts` writes `METRICS.md` from what a gateway exports. A test compares the file with the
 * output.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { METRICS } from '../../src/telemetry/metric-definitions.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { LITELLM } from './litellm.ts';

interface Exported {
  readonly name: string;
  readonly type: string;
  readonly help: string;
}

const labelsOf = new Map(
  Object.values(METRICS).map(({ name, labels }: { name: string; labels?: readonly string[] }) => [
    name,
    labels ?? [],
  ]),
);

async function exported(): Promise<readonly Exported[]> {
  const metrics = createMetrics({
    buildInfo: { version: '', commit: '' },
    isKnownModel: () => true,
  });
  const text = await metrics.text();
  const types = new Map(
    [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [name, type]),
  );
  return [...text.matchAll(/^# HELP (\S+) (.*)$/gm)].map(([, name = '', help = '']) => ({
    name,
    type: types.get(name) ?? 'untyped',
    help,
  }));
}

const cell = (text: string): string => text.replaceAll('|', '\\|');
const code = (text: string): string => `\`${text}\``;

function table(metrics: readonly Exported[]): string {
  const rows = metrics.map(({ name, type, help }) => {
    const labels = (labelsOf.get(name) ?? []).map(code).join(', ');
    return `| ${code(name)} | ${type} | ${labels} | ${cell(help)} |`;
  });
  return ['| metric | type | labels | |', '|---|---|---|---|', ...rows].join('\n');
}

/** The file's content. */
export async function metricsPage(): Promise<string> {
  const all = await exported();
  const starting = (start: string): readonly Exported[] =>
    all.filter(({ name }) => name.startsWith(start));
  const others = all.filter(({ name }) => !/^(?:smallfirst|gen_ai)_/.test(name));
  const litellm = LITELLM.map(
    ([theirs, ours, remark]) =>
      `| ${code(theirs)} | ${ours === '' ? '' : code(ours)} | ${cell(remark)} |`,
  );
  return `<!-- Written by \`node deploy/prometheus/metrics-page.ts\`. -->
# Metrics

What \`GET /metrics\` exports. Labels hold names of the configuration and closed lists, never a caller's words, so no series is made by a
request; who asked is in the ledger (\`smallfirst report\`, \`GET /admin/requests\`). A histogram has \`_bucket\`, \`_sum\` and \`_count\`. What has no
figure yet has no series.

## Of the gateway

${table(starting('smallfirst_'))}

## By OpenTelemetry's names

The GenAI conventions' metrics (1.37), for dashboards that know them; labels as the conventions have them, dots written as underscores.

${table(starting('gen_ai_'))}

## Of the process

${table(others)}

## From LiteLLM's names to these

For who moves a dashboard. LiteLLM's labels for keys, teams and users have no counterpart here: those figures are in the ledger.

| LiteLLM | here | |
|---|---|---|
${litellm.join('\n')}
`;
}

export const METRICS_FILE = join(import.meta.dirname, 'METRICS.md');

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  writeFileSync(METRICS_FILE, await metricsPage());
