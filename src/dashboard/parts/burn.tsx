/** How much of a budget is gone, beside how much of its period is, and where that leads. */
import type { ShownBudget } from '../../core/budget-settings.ts';
import { money, percent } from '../format.ts';
import { t } from '../i18n/index.ts';

const NANO = 1e9;

export const usdFigure = (value: number) => money(Math.round(value * NANO));

const width = (part: number, whole: number): string => `${Math.min(100, (100 * part) / whole)}%`;

export function Burn({ budget }: { readonly budget: ShownBudget }) {
  const { usd: limit, spentUsd, reservedUsd } = budget;
  const gone = goneOf(budget, Date.now());
  return (
    <>
      <div class="burn-row" aria-hidden="true">
        <div class="burn">
          <span style={{ width: width(spentUsd, limit) }} />
          <span class="burn-reserved" style={{ width: width(reservedUsd, limit) }} />
        </div>
        {gone === undefined ? null : (
          <span class="burn-now" style={{ insetInlineStart: width(gone, 1) }} />
        )}
      </div>
      <p class="quiet">{wordsOf(budget, gone)}</p>
    </>
  );
}

/** The share of the period that is over; undefined for a budget that never begins anew. */
function goneOf({ beganMs, resetsMs }: ShownBudget, nowMs: number): number | undefined {
  if (beganMs === undefined || resetsMs === undefined) return undefined;
  return Math.min(1, Math.max(0, (nowMs - beganMs) / (resetsMs - beganMs)));
}

/** Before so much of a period is over, a first expensive hour would say that the money will not last. */
const EARLY = 0.02;

function wordsOf({ usd: limit, spentUsd }: ShownBudget, gone: number | undefined): string {
  const words = t.value.keys;
  const spent = percent(spentUsd / limit);
  if (gone === undefined) return words.spentShare(spent);
  const now = words.spentOf(spent, percent(gone));
  if (gone < EARLY || spentUsd === 0) return now;
  const atEnd = spentUsd / gone;
  const figure = usdFigure(atEnd).text;
  return `${now} ${atEnd > limit ? words.willNotLast(figure) : words.willLast(figure)}`;
}
