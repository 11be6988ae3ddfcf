import { useState } from 'preact/hooks';
import { t } from '../i18n/index.ts';
import { signIn } from '../session.ts';
import { useAction } from '../use-action.ts';
import { ErrorWords } from './notices.tsx';

/** `hasEnded`: somebody was signed in; what was typed elsewhere on the page is still there. */
export function SignIn({ hasEnded }: { readonly hasEnded: boolean }) {
  const words = t.value.signIn;
  const [key, setKey] = useState('');
  const { error, isBusy, run } = useAction();
  return (
    <form
      class="panel sign-in"
      aria-labelledby="sign-in"
      onSubmit={(event) => {
        event.preventDefault();
        void run(() => signIn(key));
      }}
    >
      <h2 id="sign-in">{words.title}</h2>
      <p>{hasEnded ? words.ended : words.explain}</p>
      <label class="field">
        <span>{words.key}</span>
        <input
          type="password"
          autocomplete="current-password"
          required
          value={key}
          onInput={({ currentTarget }) => setKey(currentTarget.value)}
        />
      </label>
      {error === undefined ? null : (
        <p class="hint hint-bad" role="alert">
          <ErrorWords error={error} />
        </p>
      )}
      <div>
        <button type="submit" class="button button-main" disabled={isBusy}>
          {words.submit}
        </button>
      </div>
    </form>
  );
}
