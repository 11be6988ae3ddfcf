/** What the signals said, complexity against its threshold first. */
import type { Reading, Readings } from '../../core/signal.ts';
import { known, score } from '../format.ts';
import { t } from '../i18n/index.ts';
import { Said } from './said.tsx';
import { StackedRow, StackedTable } from './stacked-table.tsx';

interface SignalsProps {
  readonly readings: Readings;
  readonly complexity: number | null;
  /** At or above it a request prefers the large tier. */
  readonly threshold: number;
}

export function Signals({ readings, complexity, threshold }: SignalsProps) {
  const words = t.value.request;
  return (
    <div>
      <h3>{words.signals}</h3>
      <p class="gauge-line">
        <span>
          {words.complexity} <b class="number">{known(complexity, score)}</b>,{' '}
          {words.threshold(score(threshold))}
        </span>
        <Gauge value={complexity} threshold={threshold} />
      </p>
      <StackedTable heads={[words.signal, words.reading, words.meaning]}>
        {Object.entries(readings).map(([name, reading]) => (
          <StackedRow key={name} name={name}>
            <td role="cell" class="number">
              {valueOf(reading)}
            </td>
            <td role="cell" class="quiet">
              <Said>{reading.reason}</Said>
            </td>
          </StackedRow>
        ))}
      </StackedTable>
    </div>
  );
}

function valueOf(reading: Reading): string {
  if (reading.kind === 'abstain') return t.value.request.abstained;
  return reading.value === undefined
    ? score(reading.score)
    : `${reading.value} ${score(reading.score)}`;
}

/** 0 to 1: a bar up to the value, a stroke at the threshold. The figures beside it say the same. */
function Gauge({
  value,
  threshold,
}: {
  readonly value: number | null;
  readonly threshold: number;
}) {
  const isLarge = value !== null && value >= threshold;
  return (
    <span class="gauge" aria-hidden="true">
      <span
        class={isLarge ? 'gauge-fill is-large' : 'gauge-fill'}
        style={{ width: `${100 * Math.min(value ?? 0, 1)}%` }}
      />
      <span class="gauge-stroke" style={{ insetInlineStart: `${100 * Math.min(threshold, 1)}%` }} />
    </span>
  );
}
