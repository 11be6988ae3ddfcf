/** The certificates that the configuration names: the server's own, which is read again when its files change, and what upstreams are shown. */
import { statSync } from 'node:fs';
import type { Config } from '../config/config.ts';
import type { ServerTls } from '../http/server.ts';
import { readCertificates, type CertificatePaths } from '../lib/certificate-files.ts';
import { repeatWhileAlive } from '../lib/while-alive.ts';

export interface Certificates {
  /** Undefined where the server speaks plain HTTP. */
  readonly server: ServerTls | undefined;
  /** Gives `use` the server's certificate whenever its files have changed to others that fit. */
  follow(use: (tls: ServerTls) => void, life: AbortSignal): void;
  /** Seconds until each is no longer valid: `server`, and the upstreams' by name. */
  expirySeconds(): Readonly<Record<string, number>>;
  /** What `/readyz` says of them; empty where all are valid. */
  words(): string;
}

const LOOK_EVERY_MS = 5000;

/** @throws Error in words about a file */
export function openCertificates(
  { server: { tls }, upstreams }: Config,
  warn: (line: string) => void,
): Certificates {
  const paths = tls && pathsOf(tls);
  let own = paths && readCertificates(paths);
  const others = upstreams.kind === 'configured' ? upstreams.list : [];
  const shown = others.flatMap(({ name, tls: used }) =>
    used?.cert === undefined && used?.ca === undefined
      ? []
      : [[name, readCertificates(used).expiresMs] as const],
  );
  const expirySeconds = (): Record<string, number> => {
    const all = own === undefined ? shown : [['server', own.expiresMs] as const, ...shown];
    return Object.fromEntries(all.map(([name, ms]) => [name, (ms - Date.now()) / 1000]));
  };
  return {
    server: own,
    follow: (use, life) => {
      if (paths === undefined) return;
      onChange(paths, life, () => {
        try {
          own = readCertificates(paths);
          use(own);
        } catch (error) {
          warn(`The certificate of the server is kept as it was: ${wordsOf(error)}.`);
        }
      });
    },
    expirySeconds,
    words: () =>
      Object.entries(expirySeconds())
        .flatMap(([name, seconds]) =>
          seconds > 0 ? [] : [`; the certificate of ${name} has expired`],
        )
        .join(''),
  };
}

const pathsOf = ({ clientCa, ...own }: NonNullable<Config['server']['tls']>): CertificatePaths =>
  clientCa === undefined ? own : { ...own, ca: clientCa };

const wordsOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

/** Looks at the times of files: what mounts them often replaces a link, of which nothing tells. */
function onChange(paths: CertificatePaths, life: AbortSignal, changed: () => void): void {
  const seen = (): string =>
    Object.values(paths)
      .map((path) => statSync(String(path), { throwIfNoEntry: false })?.mtimeMs ?? 0)
      .join(' ');
  let before = seen();
  const look = (): void => {
    const now = seen();
    if (now === before) return;
    before = now;
    changed();
  };
  repeatWhileAlive(look, LOOK_EVERY_MS, life);
}
