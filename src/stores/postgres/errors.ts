/** Explains errors of Postgres, and what to do about them. */
import { GatewayError } from '../../core/errors.ts';
import { own } from '../../lib/own.ts';

/** By SQLSTATE, or by the system's name for a connection that fails. */
const BY_CODE: Readonly<Record<string, string>> = {
  '25006': 'it takes no writes now: it is a standby, or was set read-only; name the primary',
  '28000': 'it does not let this user in; look at the user in `store.url` and at pg_hba.conf',
  '28P01': 'the password is wrong; look at `store.url`',
  '3D000': 'there is no such database; make it with `createdb`, or name another one in `store.url`',
  '42501': 'this user may not do that there; grant it the schema (`GRANT ALL ON SCHEMA … TO …`)',
  '53100': 'its disk is full; free some space there',
  '53300': 'it has no connection left; raise max_connections, or start fewer replicas',
  '57P01': 'it is shutting down',
  '57P02': 'it crashed, and is starting again',
  '57P03': 'it is starting',
  ECONNREFUSED: 'nothing listens there; see that Postgres runs, and look at `store.url`',
  ECONNRESET: 'the connection broke',
  EHOSTUNREACH: 'there is no way to that host; look at the network and at `store.url`',
  ENOTFOUND: 'there is no such host; look at `store.url`',
};

/** `postgres://host:5432/name`: nothing of the user and the password. */
export function placeOf(url: string): string {
  try {
    const { host, pathname } = new URL(url);
    return `postgres://${host}${pathname}`;
  } catch {
    return 'of `store.url`';
  }
}

/** SQLSTATE, or the system's name; of what `explain` made too. */
export function codeOf(error: unknown): string {
  const cause = error instanceof GatewayError ? error.cause : error;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : '';
}

/** True if a row is at fault, and not the server: a retry would not help. */
export const isAboutTheRow = (error: unknown): boolean => /^2[23]/.test(codeOf(error));

/** One sentence: which server, what is wrong, what to do. */
export function explain(error: unknown, url: string): GatewayError {
  const said = error instanceof Error ? error.message : String(error);
  const advice = own(BY_CODE, codeOf(error));
  const words = advice === undefined ? said : `${advice} (${said})`;
  return new GatewayError('gateway_state_unavailable', `The store ${placeOf(url)}: ${words}.`, {
    cause: error,
  });
}
