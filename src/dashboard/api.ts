/** Asks the gateway that served this page. */
import { signal } from '@preact/signals';
import { root } from './router.ts';

/** An answer that is an error: what was wrong and what to do, in the gateway's own words. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly body: unknown;
  constructor(status: number, code: string, message: string, body: unknown) {
    super(message);
    this.status = status;
    this.code = code;
    this.body = body;
  }
}

/** Since when the gateway does not answer, in milliseconds since the epoch; undefined while it does. */
export const silentSinceMs = signal<number | undefined>(undefined);

/** A key was asked for: nobody is signed in, or the session has ended. */
export const isSignInWanted = signal(false);

/** Grows when somebody signed in: what failed for want of a key is asked again. */
export const signIns = signal(0);

export const urlOf = (path: string): string => `${root}${path}`;

/** @throws ApiError for an answer that is no success; TypeError where there was no answer */
export async function answerOf(path: string, init: RequestInit = {}): Promise<Response> {
  const answer = await reached(path, init);
  if (answer.ok) return answer;
  const error = await errorIn(answer);
  // A chat's key is the playground's affair.
  if (isAsked(answer, path, init)) isSignInWanted.value = true;
  throw error;
}

/** Not for the very answer to a wrong key. */
const isAsked = ({ status }: Response, path: string, { method = 'GET' }: RequestInit): boolean =>
  status === 401 && path.startsWith('/admin/') && !(path === '/admin/session' && method === 'POST');

async function reached(path: string, init: RequestInit): Promise<Response> {
  try {
    const answer = await fetch(urlOf(path), { credentials: 'same-origin', ...init });
    silentSinceMs.value = undefined;
    return answer;
  } catch (error) {
    if (!(error instanceof DOMException && error.name === 'AbortError'))
      silentSinceMs.value ??= Date.now();
    throw error;
  }
}

async function errorIn(answer: Response): Promise<ApiError> {
  const text = await answer.text();
  const fallback = `${answer.status} ${answer.statusText}`;
  try {
    const body: { error?: { message?: string; code?: string } } = JSON.parse(text);
    return new ApiError(
      answer.status,
      body.error?.code ?? '',
      body.error?.message ?? fallback,
      body,
    );
  } catch {
    return new ApiError(answer.status, '', fallback, text);
  }
}

/** `GET`, as JSON. The shape is the route's promise: page and gateway are built together. */
export async function get<T>(path: string, ended?: AbortSignal): Promise<T> {
  const answer = await answerOf(path, ended === undefined ? {} : { signal: ended });
  const body: T = await answer.json();
  return body;
}

/** Sends JSON, and reads JSON. */
export async function send<T>(
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: object,
  headers: Readonly<Record<string, string>> = {},
): Promise<T> {
  const answer = await answerOf(path, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  const parsed: T = text === '' ? {} : JSON.parse(text);
  return parsed;
}
