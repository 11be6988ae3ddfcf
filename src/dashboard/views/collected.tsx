/** What is kept for distillation: how much, of whom, and how to be rid of it. Its texts are shown nowhere. */
import { useState } from 'preact/hooks';
import type { CollectedStanding } from '../../core/admin-collected.ts';
import type { CollectedCount } from '../../core/collect.ts';
import { get, send } from '../api.ts';
import { moment } from '../format.ts';
import { t } from '../i18n/index.ts';
import { TextField } from '../parts/fields.tsx';
import { Name } from '../parts/marks.tsx';
import { Failure, Loading } from '../parts/notices.tsx';
import { useAction } from '../use-action.ts';
import { useResource } from '../use-resource.ts';

export function CollectedPanel() {
  const words = t.value.collected;
  const { data, error, isLoading, reload } = useResource<CollectedStanding>('collected', (signal) =>
    get('/admin/collected', signal),
  );
  return (
    <section class="panel" aria-labelledby="collected">
      <h2 id="collected">{words.title}</h2>
      <Failure error={error} />
      <Loading isLoading={isLoading && data === undefined} />
      {data === undefined ? null : <Standing {...data} />}
      {data === undefined || data.kept.length === 0 ? null : <Removal onChange={reload} />}
    </section>
  );
}

function Standing({ collects, results, kept }: CollectedStanding) {
  const words = t.value.collected;
  const counted = Object.entries(words.results).flatMap(([name, said]) => {
    const count = new Map(Object.entries(results)).get(name);
    return count === undefined ? [] : [{ name, said, count }];
  });
  return (
    <>
      <p>{collects === null ? words.off : words.on(collects.retentionDays)}</p>
      <dl class="facts">
        {collects === null || collects.when === null ? null : (
          <>
            <dt>{words.when}</dt>
            <dd class="mono">{collects.when}</dd>
          </>
        )}
        {counted.length === 0 ? null : (
          <>
            <dt>{words.since}</dt>
            {counted.map(({ name, said, count }) => (
              <dd key={name}>
                {count} {said}
              </dd>
            ))}
          </>
        )}
      </dl>
      {kept.length === 0 ? <p class="quiet">{words.nothing}</p> : <Kept kept={kept} />}
    </>
  );
}

function Kept({ kept }: { readonly kept: readonly CollectedCount[] }) {
  const words = t.value.collected;
  return (
    <div class="scroll" tabIndex={0} role="group" aria-labelledby="collected">
      <table>
        <thead>
          <tr>
            <th scope="col">{words.key}</th>
            <th scope="col">{words.model}</th>
            <th scope="col">{words.answers}</th>
            <th scope="col">{words.conversations}</th>
            <th scope="col">{words.oldest}</th>
            <th scope="col">{words.newest}</th>
          </tr>
        </thead>
        <tbody>
          {kept.map(({ caller, upstream, model, ...count }) => (
            <tr key={`${caller} ${upstream} ${model}`}>
              <th scope="row">
                <Name>{caller}</Name>
              </th>
              <td>
                <Name>{`${upstream}/${model}`}</Name>
              </td>
              <td>{count.answers}</td>
              <td>{count.conversations}</td>
              <td>{moment(count.oldestMs)}</td>
              <td>{moment(count.newestMs)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Removal({ onChange }: { readonly onChange: () => void }) {
  const words = t.value.collected;
  const [key, setKey] = useState('');
  const [request, setRequest] = useState('');
  const [days, setDays] = useState('');
  const [deleted, setDeleted] = useState<number | undefined>(undefined);
  const { error, isBlocked, run } = useAction();
  const isEmpty = [key, request, days].every((typed) => typed.trim() === '');
  const remove = async (): Promise<void> => {
    const done = await send<{ readonly deleted: number }>('POST', '/admin/collected/delete', {
      ...(key.trim() === '' ? {} : { key: key.trim() }),
      ...(request.trim() === '' ? {} : { request: request.trim() }),
      ...(days.trim() === '' ? {} : { olderThanDays: Number(days) }),
    });
    setDeleted(done.deleted);
    onChange();
  };
  return (
    <details>
      <summary>{words.remove}</summary>
      <form
        class="form options"
        onSubmit={(event) => {
          event.preventDefault();
          if (!isEmpty && confirm(words.sure)) void run(remove);
        }}
      >
        <TextField label={words.key} value={key} onInput={setKey} />
        <TextField label={words.request} value={request} onInput={setRequest} />
        <TextField label={words.days} value={days} onInput={setDays} isNumber />
        <div class="field-end">
          <button type="submit" class="button" disabled={isBlocked || isEmpty}>
            {words.removeIt}
          </button>
        </div>
      </form>
      <p class="hint">{words.removeHint}</p>
      <p role="status">{deleted === undefined ? '' : words.removed(deleted)}</p>
      <Failure error={error} />
    </details>
  );
}
