/** What is wrong, what is missing, and what is on its way. */
import type { ComponentChildren } from 'preact';
import { ApiError, isSignInWanted } from '../api.ts';
import { t } from '../i18n/index.ts';
import { meaningOf, said } from '../i18n/said/index.ts';
import { Said, WithCode } from './said.tsx';

/** An error of the gateway in its own words. Nothing where a key is wanted: the sign-in form says that. */
export function Failure({ error }: { readonly error: Error | undefined }) {
  if (error === undefined) return null;
  if (error instanceof ApiError && error.status === 401 && isSignInWanted.value) return null;
  return (
    <p class="notice notice-bad" role="alert">
      <ErrorWords error={error} />
    </p>
  );
}

/** What an error says; first what its code means, where its words are not known in the page's language. */
export function ErrorWords({ error }: { readonly error: Error }) {
  if (!(error instanceof ApiError)) return <>{t.value.common.noAnswer}</>;
  const meaning = said(error.message).lang === undefined ? undefined : meaningOf(error.code);
  return (
    <>
      {meaning === undefined ? null : (
        <>
          <WithCode>{meaning}</WithCode>{' '}
        </>
      )}
      <Said>{error.message}</Said>
    </>
  );
}

export function Loading({ isLoading }: { readonly isLoading: boolean }) {
  return isLoading ? <p class="quiet">{t.value.common.loading}</p> : null;
}

interface EmptyProps {
  readonly title: string;
  readonly children?: ComponentChildren;
}

/** An empty view says what would fill it. */
export function Empty({ title, children }: EmptyProps) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children}
    </div>
  );
}
