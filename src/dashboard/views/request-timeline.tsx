/** Phases and attempts on one line of time; every bar has its figures in words. */
import type { Attempt, UsageRecord } from '../../core/record.ts';
import { duration } from '../format.ts';
import { t } from '../i18n/index.ts';
import { said } from '../i18n/said/index.ts';
import { Name, TierMark } from '../parts/marks.tsx';

export function Timeline({ record }: { readonly record: UsageRecord }) {
  const words = t.value.request;
  const ends = record.attempts.map(({ startedMs, latencyMs }) => startedMs + latencyMs);
  const totalMs = Math.max(record.latencyMs, ...ends, 1);
  const { route, total: own } = record.overheadMs;
  return (
    <section class="panel" aria-labelledby="timeline">
      <h2 id="timeline">{words.timeline}</h2>
      <ol class="timeline">
        <li>
          <span class="timeline-name">{words.phases.route}</span>
          <Bar from={0} length={route} totalMs={totalMs} kind="route" />
          <span class="number">{duration(route)}</span>
        </li>
        {record.attempts.map((attempt) => (
          <AttemptLine key={attempt.startedMs} attempt={attempt} totalMs={totalMs} />
        ))}
        <li>
          <span class="timeline-name">{words.phases.total}</span>
          <span />
          <span class="number">
            {duration(record.latencyMs)}
            <span class="quiet"> · {words.overhead(duration(own))}</span>
          </span>
        </li>
      </ol>
    </section>
  );
}

interface AttemptLineProps {
  readonly attempt: Attempt;
  readonly totalMs: number;
}

function AttemptLine({ attempt, totalMs }: AttemptLineProps) {
  const words = t.value.request;
  const { startedMs, latencyMs, ttftMs = latencyMs } = attempt;
  return (
    <li>
      <span class="timeline-name">
        <TierMark tier={attempt.tier} /> <Name>{`${attempt.upstream}/${attempt.model}`}</Name>
        <span class="quiet"> {saidOf(attempt).join(', ')}</span>
      </span>
      <span class="timeline-bars">
        <Bar from={startedMs} length={ttftMs} totalMs={totalMs} kind="wait" />
        <Bar
          from={startedMs + ttftMs}
          length={latencyMs - ttftMs}
          totalMs={totalMs}
          kind={attempt.outcome === 'ok' ? 'answer' : 'failed'}
        />
      </span>
      <span class="number">
        {duration(latencyMs)}
        {attempt.ttftMs === undefined ? null : (
          <span class="quiet">
            {' '}
            · {words.phases.wait} {duration(attempt.ttftMs)}
          </span>
        )}
      </span>
    </li>
  );
}

function saidOf({
  outcome,
  cause,
  status,
  kind,
  isKept,
  shadow,
  verdict,
}: Attempt): readonly string[] {
  const words = t.value.request;
  const parts = [
    words.attempt[outcome],
    cause ?? '',
    status === undefined || status < 400 ? '' : String(status),
    kind === undefined ? '' : words.attemptKinds[kind],
    isKept ? words.kept : '',
    shadow ? words.shadowAttempt : '',
    verdict === undefined ? '' : words.verdicts[verdict.kind],
    verdict?.kind === 'fail' ? said(verdict.reason).text : '',
    verdict?.wrong === undefined ? '' : words.wrong(verdict.wrong.toFixed(2)),
  ];
  return parts.filter((text) => text !== '');
}

interface BarProps {
  readonly from: number;
  readonly length: number;
  readonly totalMs: number;
  readonly kind: 'route' | 'wait' | 'answer' | 'failed';
}

function Bar({ from, length, totalMs, kind }: BarProps) {
  const share = (ms: number): string => `${Math.max(0, (100 * ms) / totalMs)}%`;
  return (
    <span class="timeline-track" aria-hidden="true">
      <span
        class={`timeline-bar timeline-${kind}`}
        style={{ insetInlineStart: share(from), width: share(length) }}
      />
    </span>
  );
}
