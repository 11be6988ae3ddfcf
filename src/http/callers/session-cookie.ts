/** The cookie that names a session. */
import type { IncomingMessage } from 'node:http';
import { isLoopback } from '../../lib/loopback.ts';

export interface SessionCookie {
  /** The header that sets it. */
  set(incoming: IncomingMessage, value: string, seconds: number): string;
  /** Its value; undefined where it was not sent. */
  read(incoming: IncomingMessage): string | undefined;
}

/**
 * Cookies know no ports: two gateways of one machine need two names. `__Host-` keeps other names of the domain from setting one, but
 * demands the path `/`: below a base path, where it is sent to no other program of the host, the prefix is `__Secure-`.
 */
export const remoteCookie = (basePath: string): string =>
  basePath === '' ? '__Host-smallfirst' : '__Secure-smallfirst';

export function sessionCookie(basePath: string): SessionCookie {
  const path = basePath === '' ? '/' : basePath;
  const nameFor = (incoming: IncomingMessage): string =>
    isHere(incoming)
      ? `smallfirst-${/:(\d+)$/.exec(incoming.headers.host ?? '')?.[1] ?? '80'}`
      : remoteCookie(basePath);
  return {
    set: (incoming, value, seconds) => {
      const secure = isHere(incoming) ? '' : '; Secure';
      return `${nameFor(incoming)}=${value}; Path=${path}; HttpOnly; SameSite=Strict; Max-Age=${seconds}${secure}`;
    },
    read: (incoming) => {
      const start = `${nameFor(incoming)}=`;
      const pairs = (incoming.headers.cookie ?? '').split(';').map((pair) => pair.trim());
      const value = pairs.find((pair) => pair.startsWith(start))?.slice(start.length);
      return value === '' ? undefined : value;
    },
  };
}

const isHere = ({ headers }: IncomingMessage): boolean =>
  isLoopback((headers.host ?? '').replace(/:\d+$/, ''));
