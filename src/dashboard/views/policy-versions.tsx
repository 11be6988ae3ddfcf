/** The stored versions of policies, and activating or comparing one. */
import type { ListedVersion } from '../../core/policy-store.ts';
import { send } from '../api.ts';
import { moment } from '../format.ts';
import { t } from '../i18n/index.ts';
import { Name } from '../parts/marks.tsx';
import { Failure } from '../parts/notices.tsx';
import { StackedRow, StackedTable } from '../parts/stacked-table.tsx';
import { useAction } from '../use-action.ts';

interface VersionTableProps {
  readonly versions: readonly ListedVersion[];
  readonly onChange: () => void;
  readonly onOpen: (version: string) => Promise<boolean>;
  readonly onCompare: (version: string) => Promise<boolean>;
}

export function VersionTable({ versions, onChange, ...open }: VersionTableProps) {
  const words = t.value.policy;
  const { error, isBlocked, run } = useAction();
  const after = (path: string) => async (): Promise<void> => {
    await send('POST', path, {});
    onChange();
  };
  return (
    <section class="panel" aria-labelledby="versions">
      <div class="row spread">
        <h2 id="versions">{words.versions}</h2>
        <button
          type="button"
          class="button button-small"
          disabled={isBlocked}
          onClick={() => void run(after('/admin/policies/rollback'))}
        >
          {words.rollBack}
        </button>
      </div>
      <Failure error={error} />
      <div class="scroll" tabIndex={0} role="group" aria-labelledby="versions">
        <StackedTable
          heads={[words.version, words.saved, words.author, words.note, t.value.keys.actions]}
          labelledBy="versions"
        >
          {versions.map((one) => (
            <VersionRow
              key={one.version}
              one={one}
              {...open}
              isBlocked={isBlocked}
              onActivate={() => void run(after(`/admin/policies/${one.version}/activate`))}
            />
          ))}
        </StackedTable>
      </div>
    </section>
  );
}

interface VersionRowProps extends Pick<VersionTableProps, 'onOpen' | 'onCompare'> {
  readonly one: ListedVersion;
  readonly isBlocked: boolean;
  readonly onActivate: () => void;
}

function VersionRow({ one, isBlocked, onOpen, onCompare, onActivate }: VersionRowProps) {
  const words = t.value.policy;
  const { name, version, isActive, atMs, author, note } = one;
  const named = (
    <>
      <Name>{`${name}@${version}`}</Name>
      {isActive ? <span class="tag">{words.active}</span> : null}
    </>
  );
  return (
    <StackedRow name={named}>
      <td role="cell">{moment(atMs)}</td>
      <td role="cell">{author}</td>
      <td role="cell">{note}</td>
      <td role="cell">
        <div class="row">
          <button
            type="button"
            class="button button-small"
            aria-label={words.openNamed(version)}
            onClick={() => void onOpen(version)}
          >
            {words.open}
          </button>
          <button
            type="button"
            class="button button-small"
            aria-label={words.compareNamed(version)}
            onClick={() => void onCompare(version)}
          >
            {words.compare}
          </button>
          {isActive ? null : (
            <button
              type="button"
              class="button button-small"
              disabled={isBlocked}
              aria-label={words.activateNamed(version)}
              onClick={onActivate}
            >
              {words.activate}
            </button>
          )}
        </div>
      </td>
    </StackedRow>
  );
}
