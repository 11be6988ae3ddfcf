/** What is wrong, what is missing, and what is on its way. */
import type { ComponentChildren } from 'preact';
import { ApiError, isSignInWanted } from '../api.ts';
import { t } from '../i18n/index.ts';

/** An error of the gateway in its own words. Nothing where a key is wanted: the sign-in form says that. */
export function Failure({ error }: { readonly error: Error | undefined }) {
  if (error === undefined) return null;
  if (error instanceof ApiError && error.status === 401 && isSignInWanted.value) return null;
  const text = error instanceof ApiError ? error.message : t.value.common.noAnswer;
  return (
    <p class="notice notice-bad" role="alert">
      {text}
    </p>
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
