import { moment } from '../format.ts';
import { t } from '../i18n/index.ts';
import { session, signOut } from '../session.ts';
import { useAction } from '../use-action.ts';
import { Name } from './marks.tsx';
import { Failure } from './notices.tsx';

/** Where somebody is signed in; each can be ended. Nothing in open mode, where nobody signs in. */
export function Sessions() {
  const words = t.value.signIn;
  const { error, isBusy, run } = useAction();
  if (session.value?.mode !== 'keys') return null;
  return (
    <section class="panel" aria-labelledby="sessions">
      <h2 id="sessions">{words.sessions}</h2>
      <ul class="audit">
        {session.value.sessions.map(({ id, name, role, agent, seenMs, own }) => (
          <li key={id} class="row">
            <b>{words.signedInAs(name, role)}</b>
            <span class="quiet">
              {words.lastSeen(moment(seenMs))} · <Name>{agent}</Name>
            </span>
            {own ? <span class="tag">{words.thisOne}</span> : null}
            <button
              type="button"
              class="button button-small"
              disabled={isBusy}
              onClick={() => void run(() => signOut(own ? undefined : id))}
            >
              {own ? words.signOut : words.end}
            </button>
          </li>
        ))}
      </ul>
      <Failure error={error} />
    </section>
  );
}
