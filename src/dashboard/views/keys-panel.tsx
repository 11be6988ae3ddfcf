/** Keys: their list, and making, rotating and revoking one. */
import { useState } from 'preact/hooks';
import type { ShownKey } from '../../core/keys.ts';
import type { RateLimits } from '../../core/rate-limits.ts';
import { get, send } from '../api.ts';
import { count, moment } from '../format.ts';
import { t } from '../i18n/index.ts';
import { Snippet } from '../parts/copy.tsx';
import { TextField } from '../parts/fields.tsx';
import { Name } from '../parts/marks.tsx';
import { Failure, Loading } from '../parts/notices.tsx';
import { useAction } from '../use-action.ts';
import { useResource } from '../use-resource.ts';

interface Listed {
  readonly keys: readonly ShownKey[];
}

type Secret = ShownKey & { readonly secret: string };

export function KeysPanel() {
  const words = t.value.keys;
  const { data, error, isLoading, reload } = useResource<Listed>('keys', (signal) =>
    get('/admin/keys', signal),
  );
  const [fresh, setFresh] = useState<Secret | undefined>(undefined);
  const told = (key: Secret): void => {
    setFresh(key);
    reload();
  };
  return (
    <section class="panel" aria-labelledby="keys">
      <h2 id="keys">{words.keys}</h2>
      <Failure error={error} />
      <Loading isLoading={isLoading && data === undefined} />
      {fresh === undefined ? null : (
        <div class="notice notice-warn" role="status">
          <p>{words.secret(fresh.name)}</p>
          <Snippet text={fresh.secret} />
        </div>
      )}
      {data?.keys.length === 0 ? <p class="quiet">{words.noKeys}</p> : null}
      {data === undefined || data.keys.length === 0 ? null : (
        <KeyTable keys={data.keys} onSecret={told} onChange={reload} />
      )}
      {data === undefined ? null : <NewKey onSecret={told} />}
    </section>
  );
}

interface ChangeProps {
  readonly onSecret: (key: Secret) => void;
  readonly onChange: () => void;
}

function KeyTable({ keys, ...change }: ChangeProps & { readonly keys: readonly ShownKey[] }) {
  const words = t.value.keys;
  return (
    <div class="scroll" tabIndex={0} role="group" aria-labelledby="keys">
      <table class="plain">
        <thead>
          <tr>
            <th scope="col">{words.name}</th>
            <th scope="col">{words.role}</th>
            <th scope="col">{words.team}</th>
            <th scope="col">{words.state}</th>
            <th scope="col">{words.policy}</th>
            <th scope="col">{words.limits}</th>
            <th scope="col">{words.from}</th>
            <th scope="col">{words.actions}</th>
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => (
            <KeyRow key={key.name} shown={key} {...change} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function KeyRow({ shown, onSecret, onChange }: ChangeProps & { readonly shown: ShownKey }) {
  const words = t.value.keys;
  const { name, role, team, state, policy, limits, from, created } = shown;
  const { error, isBlocked, run } = useAction();
  const path = `/admin/keys/${encodeURIComponent(name)}`;
  const rotate = async (): Promise<void> =>
    onSecret(await send<Secret>('POST', `${path}/rotate`, {}));
  const revoke = async (): Promise<void> => {
    await send('DELETE', path);
    onChange();
  };
  return (
    <tr>
      <th scope="row">
        <Name>{name}</Name>
      </th>
      <td>{words.roles[role]}</td>
      <td>{team ?? '–'}</td>
      <td>{words.states[state]}</td>
      <td>{policy ?? '–'}</td>
      <td>{limitsIn(limits)}</td>
      <td
        title={created === undefined ? undefined : words.created(moment(created.atMs), created.by)}
      >
        {words.froms[from]}
      </td>
      <td>
        {from === 'store' && state === 'active' ? (
          <div class="row">
            <button
              type="button"
              class="button button-small"
              disabled={isBlocked}
              aria-label={words.rotateNamed(name)}
              onClick={() => void run(rotate)}
            >
              {words.rotate}
            </button>
            <button
              type="button"
              class="button button-small button-bad"
              disabled={isBlocked}
              aria-label={words.revokeNamed(name)}
              onClick={() => confirm(words.sure(name)) && void run(revoke)}
            >
              {words.revoke}
            </button>
          </div>
        ) : (
          '–'
        )}
        <Failure error={error} />
      </td>
    </tr>
  );
}

function limitsIn(limits: RateLimits | undefined): string {
  const words = t.value.keys;
  const { requestsPerMinute, tokensPerMinute, concurrent } = limits ?? {};
  const said = [
    requestsPerMinute === undefined ? '' : words.perMinute(count(requestsPerMinute)),
    tokensPerMinute === undefined ? '' : words.tokensPerMinute(count(tokensPerMinute)),
    concurrent === undefined ? '' : words.atOnce(count(concurrent)),
  ].filter((text) => text !== '');
  return said.join(', ') || words.noLimits;
}

const BLANK = { name: '', role: 'data', team: '', requests: '', tokens: '' };
type Typed = typeof BLANK;

/** As the gateway takes it: what was left empty is left out. */
function keyOf({ name, role, team, requests, tokens }: Typed): object {
  const limits = {
    ...(requests === '' ? {} : { requestsPerMinute: Number(requests) }),
    ...(tokens === '' ? {} : { tokensPerMinute: Number(tokens) }),
  };
  return {
    name,
    role,
    ...(team === '' ? {} : { team }),
    ...(Object.keys(limits).length === 0 ? {} : { limits }),
  };
}

/** What is typed stays until the key is made: nothing is lost when that is refused. */
function NewKey({ onSecret }: Pick<ChangeProps, 'onSecret'>) {
  const words = t.value.keys;
  const [typed, setTyped] = useState(BLANK);
  const { error, isBlocked, run } = useAction();
  const field = (name: keyof Typed) => ({
    value: typed[name],
    onInput: (value: string) => setTyped({ ...typed, [name]: value }),
  });
  const create = async (): Promise<void> => {
    onSecret(await send<Secret>('POST', '/admin/keys', keyOf(typed)));
    setTyped(BLANK);
  };
  const optional = (label: string): string => `${label} (${words.optional})`;
  return (
    <details>
      <summary>{words.create}</summary>
      <form
        class="form options"
        onSubmit={(event) => {
          event.preventDefault();
          void run(create);
        }}
      >
        <TextField label={words.name} {...field('name')} isNeeded />
        <label class="field">
          <span>{words.role}</span>
          <select
            value={typed.role}
            onChange={({ currentTarget }) => setTyped({ ...typed, role: currentTarget.value })}
          >
            {Object.entries(words.roles).map(([each, text]) => (
              <option key={each} value={each}>
                {text}
              </option>
            ))}
          </select>
        </label>
        <TextField label={optional(words.team)} {...field('team')} />
        <TextField label={optional(words.requestsPerMinute)} {...field('requests')} isNumber />
        <TextField label={optional(words.tokensLimit)} {...field('tokens')} isNumber />
        <div class="field-end">
          <button type="submit" class="button button-main" disabled={isBlocked}>
            {words.createIt}
          </button>
        </div>
      </form>
      <Failure error={error} />
    </details>
  );
}
