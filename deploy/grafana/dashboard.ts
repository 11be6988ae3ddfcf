/** Builds a Grafana dashboard from data. */
import {
  DashboardBuilder,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
  VariableSort,
  type Dashboard,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { buildPanel, DATA_SOURCE, type PanelSpec } from './panel.ts';

export interface DashboardSpec {
  /** Part of links, so it never changes. */
  readonly uid: string;
  readonly title: string;
  readonly about: string;
  readonly rows: readonly { readonly title: string; readonly panels: readonly PanelSpec[] }[];
}

const TAG = 'smallfirst';
/** Only gateways export this metric. */
const JOBS = 'label_values(smallfirst_build_info, job)';

export function buildDashboard({ uid, title, about, rows }: DashboardSpec): Dashboard {
  const dashboard = new DashboardBuilder(title)
    .uid(uid)
    .description(about)
    .tags([TAG])
    .editable()
    .refresh('30s')
    .time({ from: 'now-6h', to: 'now' })
    .withVariable(
      new DatasourceVariableBuilder('datasource').label('Prometheus').type('prometheus'),
    )
    .withVariable(
      new QueryVariableBuilder('job')
        .label('Job')
        .datasource(DATA_SOURCE)
        .query({ query: JOBS, refId: 'job' })
        .definition(JOBS)
        .refresh(VariableRefresh.OnTimeRangeChanged)
        // oxlint-disable-next-line unicorn/no-array-sort -- not an array: the sort order of the jobs
        .sort(VariableSort.AlphabeticalAsc)
        .includeAll(true)
        .allValue('.+')
        .multi(true),
    )
    .link(
      new DashboardLinkBuilder('Smallfirst')
        .type(DashboardLinkType.Dashboards)
        .tags([TAG])
        .asDropdown(true)
        .includeVars(true)
        .keepTime(true),
    );
  for (const row of rows) {
    dashboard.withRow(new RowBuilder(row.title));
    for (const panel of row.panels) dashboard.withPanel(buildPanel(panel));
  }
  return numbered(dashboard.build());
}

/** Sets panel ids: without them Grafana assigns new ones at each load, and links break. */
function numbered(dashboard: Dashboard): Dashboard {
  for (const [at, panel] of (dashboard.panels ?? []).entries()) panel.id = at + 1;
  return dashboard;
}
