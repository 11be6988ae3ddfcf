import type { AuditEvent } from '../../core/policy-store.ts';
import { get } from '../api.ts';
import { moment } from '../format.ts';
import { t } from '../i18n/index.ts';
import { Name } from '../parts/marks.tsx';
import { Failure } from '../parts/notices.tsx';
import { useResource } from '../use-resource.ts';

/** The newest; the rest is in the store, and `smallfirst policy audit` prints all. */
const SHOWN = 50;

/** `turn`: asked again when it changes. */
export function AuditTrail({ turn }: { readonly turn: string }) {
  const words = t.value.policy;
  const { data, error } = useResource<{ readonly events: readonly AuditEvent[] }>(
    `audit ${turn}`,
    (signal) => get('/admin/policies/audit', signal),
  );
  const events = (data?.events ?? []).slice(-SHOWN).toReversed();
  return (
    <section class="panel" aria-labelledby="audit">
      <h2 id="audit">{words.audit}</h2>
      <Failure error={error} />
      <ol class="audit">
        {events.map(({ seq, atMs, who, event, detail }) => (
          <li key={seq}>
            <span class="quiet">{moment(atMs)}</span> <b>{words.events[event]}</b>{' '}
            <Name>{who}</Name> <span class="quiet">{detailsOf(detail)}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** `version 3f2a, note as configured`: what is empty is left out. */
function detailsOf(json: string): string {
  const detail: Readonly<Record<string, string | number | null>> = JSON.parse(json);
  return Object.entries(detail)
    .filter(([, value]) => value !== null && value !== '')
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}
