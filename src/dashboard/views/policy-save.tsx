/** Saving what is written, and what keeps it from being saved. */
import { useState } from 'preact/hooks';
import type { PolicyVersion } from '../../core/policy-store.ts';
import { ApiError, send } from '../api.ts';
import { moment } from '../format.ts';
import { t } from '../i18n/index.ts';
import { TextField } from '../parts/fields.tsx';
import { Name } from '../parts/marks.tsx';
import { Failure } from '../parts/notices.tsx';
import { begunAt, versionPath, written } from '../policy/policy-state.ts';
import { useAction } from '../use-action.ts';

interface SaveFormProps {
  readonly onChange: () => void;
  /** Marks the differences to a version. */
  readonly onCompare: (version: string) => void;
}

/** What is written stays in the editor, whatever the gateway says. */
export function SaveForm({ onChange, onCompare }: SaveFormProps) {
  const words = t.value.policy;
  const [note, setNote] = useState('');
  const [newer, setNewer] = useState<Newer | undefined>(undefined);
  const { error, isBlocked, run } = useAction();
  const save = async ({ activates }: { readonly activates: boolean }): Promise<void> => {
    const body = { text: written.value ?? '', note, base: begunAt.value };
    try {
      const { version } = await send<PolicyVersion>('POST', '/admin/policies', body);
      begunAt.value = version;
      setNewer(undefined);
      if (activates) await send('POST', `${versionPath(version)}/activate`, { note });
      setNote('');
      onChange();
    } catch (reason) {
      const found = newerIn(reason);
      if (found === undefined) throw reason;
      // Whoever saves again has seen it.
      begunAt.value = found.newer.version;
      setNewer(found);
      onCompare(found.newer.version);
      onChange();
    }
  };
  return (
    <>
      <div class="form">
        <TextField label={words.note} value={note} onInput={setNote} />
        <div class="row field-end">
          <button
            type="button"
            class="button"
            disabled={isBlocked}
            onClick={() => void run(() => save({ activates: false }))}
          >
            {words.save}
          </button>
          <button
            type="button"
            class="button button-main"
            disabled={isBlocked}
            onClick={() => void run(() => save({ activates: true }))}
          >
            {words.saveAndActivate}
          </button>
        </div>
      </div>
      {newer === undefined ? null : <Outdated {...newer} />}
      <Failure error={error} />
    </>
  );
}

interface Newer {
  readonly newer: Omit<PolicyVersion, 'text'>;
  /** Unified, from the newer version to what is written. */
  readonly diff: string;
}

/** Undefined for any other failure. */
function newerIn(reason: unknown): Newer | undefined {
  if (!(reason instanceof ApiError) || reason.code !== 'caller_outdated') return undefined;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the answer of this code
  return reason.body as Newer;
}

function Outdated({ newer: { name, version, author, atMs }, diff }: Newer) {
  const words = t.value.policy;
  return (
    <div class="notice notice-bad" role="alert">
      <p>
        {words.outdated(author, moment(atMs))} <Name>{`${name}@${version}`}</Name>
      </p>
      <p>{words.outdatedHelp}</p>
      <details>
        <summary>{words.differences}</summary>
        <pre class="text" tabIndex={0}>
          <code>{diff}</code>
        </pre>
      </details>
    </div>
  );
}
