/** Builds a Grafana panel from data; every panel is one of four kinds. */
import type * as cog from '@grafana/grafana-foundation-sdk/cog';
import {
  BigValueGraphMode,
  LegendDisplayMode,
  LegendPlacement,
  StackingMode,
  TooltipDisplayMode,
  VizOrientation,
} from '@grafana/grafana-foundation-sdk/common';
import * as common from '@grafana/grafana-foundation-sdk/common';
import { PanelBuilder as BarsBuilder } from '@grafana/grafana-foundation-sdk/bargauge';
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as LinesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';

interface Query {
  readonly expr: string;
  /** Text, with label names in `{{…}}`: only labels with closed sets of values. */
  readonly legend: string;
  /** Shows request ids as points, if Prometheus stores exemplars. */
  readonly exemplars?: true;
}

export interface PanelSpec {
  readonly title: string;
  /** What is shown, its source, and how to interpret it. */
  readonly about: string;
  /** One of Grafana's unit ids: `@grafana/grafana-foundation-sdk/units`, or `prefix:`/`suffix:` and a text. */
  readonly unit: string;
  /** lines: over time; stack: the same, stacked; stat: one figure; bars: a few figures, compared. */
  readonly kind: 'lines' | 'stack' | 'stat' | 'bars';
  readonly queries: readonly Query[];
  /** Columns of 24. */
  readonly width: number;
  readonly max?: number;
  readonly decimals?: number;
  /** What must be set up for it to show anything, where the test with a real Prometheus does not. */
  readonly onlyWith?: string;
  /** Replaces "No data" where an empty panel is normal. */
  readonly whenEmpty?: string;
}

/** Every dashboard's variable for the Prometheus data source. */
export const DATA_SOURCE: common.DataSourceRef = { type: 'prometheus', uid: '${datasource}' };

const STAT_HEIGHT = 5;
const HEIGHT = 8;

export function buildPanel(spec: PanelSpec): cog.Builder<Panel> {
  switch (spec.kind) {
    case 'stat':
      return withCommon(new StatBuilder(), spec)
        .height(STAT_HEIGHT)
        .graphMode(BigValueGraphMode.None)
        .reduceOptions(lastValue());
    case 'bars':
      return withCommon(new BarsBuilder(), spec)
        .height(HEIGHT)
        .orientation(VizOrientation.Horizontal)
        .reduceOptions(lastValue());
    case 'lines':
      return lines(spec);
    case 'stack':
      return lines(spec)
        .fillOpacity(30)
        .stacking(new common.StackingConfigBuilder().mode(StackingMode.Normal));
  }
}

const lastValue = () => new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']);

function lines(spec: PanelSpec): LinesBuilder {
  return withCommon(new LinesBuilder(), spec)
    .height(HEIGHT)
    .fillOpacity(8)
    .lineWidth(1)
    .legend(
      new common.VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.Table)
        .placement(LegendPlacement.Bottom)
        .showLegend(true)
        .calcs(['mean', 'lastNotNull']),
    )
    .tooltip(new common.VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi));
}

interface AnyPanel {
  title(title: string): this;
  description(description: string): this;
  unit(unit: string): this;
  datasource(datasource: common.DataSourceRef): this;
  span(columns: number): this;
  min(min: number): this;
  max(max: number): this;
  decimals(decimals: number): this;
  noValue(text: string): this;
  withTarget(target: cog.Builder<cog.Dataquery>): this;
}

function withCommon<P extends AnyPanel>(panel: P, spec: PanelSpec): P {
  panel
    .title(spec.title)
    .description(spec.about)
    .unit(spec.unit)
    .datasource(DATA_SOURCE)
    .span(spec.width);
  if (spec.kind !== 'stat') panel.min(0);
  if (spec.max !== undefined) panel.max(spec.max);
  if (spec.decimals !== undefined) panel.decimals(spec.decimals);
  if (spec.whenEmpty !== undefined) panel.noValue(spec.whenEmpty);
  for (const [at, query] of spec.queries.entries()) panel.withTarget(target(spec, query, at));
  return panel;
}

/** `A`, `B`, …: Grafana's names of queries. */
const refId = (at: number): string => String.fromCodePoint(65 + at);

function target(spec: PanelSpec, query: Query, at: number): DataqueryBuilder {
  const built = new DataqueryBuilder()
    .refId(refId(at))
    .datasource(DATA_SOURCE)
    .expr(query.expr)
    .legendFormat(query.legend);
  if (query.exemplars === true) built.exemplar(true);
  return spec.kind === 'stat' || spec.kind === 'bars' ? built.instant() : built.range();
}
