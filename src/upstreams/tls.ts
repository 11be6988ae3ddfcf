/** `tls` and `allowLinkLocal` of an upstream that is reached over HTTP. */
import { resolve } from 'node:path';
import type { Surroundings } from '../core/upstream-kind.ts';
import {
  certificateProblems,
  readCertificates,
  type CertificatePaths,
} from '../lib/certificate-files.ts';
import { isObject, type JsonObject } from '../lib/json.ts';
import type { Problem } from '../lib/problems.ts';
import type { UpstreamTls } from './http/connections.ts';
import { isLinkLocal } from './http/link-local.ts';

/** As it is written, or with absolute paths. */
export type TlsSettings = UpstreamTls;

/** Empty without TLS settings. */
export const absoluteTls = (
  tls: TlsSettings | undefined,
  baseDir: string,
): { readonly tls?: TlsSettings } =>
  tls === undefined ? {} : { tls: { ...tls, ...pathsOf(tls, baseDir) } };

function pathsOf({ ca, cert, key }: JsonObject | CertificatePaths, baseDir: string) {
  const at = (path: unknown): string | undefined =>
    typeof path === 'string' && path !== '' ? resolve(baseDir, path) : undefined;
  const found = { ca: at(ca), cert: at(cert), key: at(key) };
  return Object.fromEntries(
    Object.entries(found).filter(([, path]) => path !== undefined),
  ) as CertificatePaths;
}

/** The settings with what their files hold. @throws Error in words about a file */
export function openTls(tls: TlsSettings | undefined): UpstreamTls | undefined {
  if (tls === undefined) return undefined;
  const { expiresMs: _, ...texts } = readCertificates(pathsOf(tls, '/'));
  return { ...tls, ...texts };
}

/** What the schema cannot see: files, and addresses that no model is at. */
export function connectionProblems(
  written: JsonObject,
  { baseDir, problem }: Surroundings,
): readonly Problem[] {
  const { tls, url, allowLinkLocal } = written;
  const found = isObject(tls) ? certificateProblems(pathsOf(tls, baseDir)) : [];
  const problems = found.map(({ member, message }) => problem('tls', `\`${member}\` ${message}`));
  if (isObject(tls) && typeof url === 'string' && url.startsWith('http:'))
    problems.push(problem('tls', 'is for an https:// address; write `url: https://…`'));
  const isRefused =
    typeof url === 'string' && URL.canParse(url) && isLinkLocal(new URL(url).hostname);
  if (!isRefused || allowLinkLocal === true) return problems;
  const message =
    'is a link-local or metadata address, at which clouds hand out credentials; write `allowLinkLocal: true` beside it if a model is there';
  return [...problems, problem('url', message)];
}
