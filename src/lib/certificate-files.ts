/** Certificates and keys in PEM files: read, and checked so that what is wrong is said in words. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** Paths by what they hold: a certificate (with its chain), the key that fits it, authorities that are trusted. */
export interface CertificatePaths {
  readonly cert?: string;
  readonly key?: string;
  readonly ca?: string;
}

export interface CertificateTexts extends CertificatePaths {
  /** When the certificate, or else the authority's, is no longer valid; milliseconds since the epoch. */
  readonly expiresMs: number;
}

export interface CertificateProblem {
  readonly member: keyof CertificatePaths;
  readonly message: string;
}

/** @throws Error with the first problem's words */
export function readCertificates(paths: CertificatePaths): CertificateTexts {
  const [problem] = certificateProblems(paths);
  if (problem !== undefined) throw new Error(`${paths[problem.member]} ${problem.message}`);
  const texts = {
    ...(paths.cert === undefined ? {} : { cert: textOf(paths.cert) }),
    ...(paths.key === undefined ? {} : { key: textOf(paths.key) }),
    ...(paths.ca === undefined ? {} : { ca: textOf(paths.ca) }),
  };
  return { ...texts, expiresMs: expiryOf(texts.cert ?? texts.ca) };
}

/** What no connection could be made with. A certificate that has expired is one of them: nobody would trust it. */
export function certificateProblems(
  paths: CertificatePaths,
  nowMs = Date.now(),
): readonly CertificateProblem[] {
  const { cert, key, ca } = paths;
  if ((cert === undefined) !== (key === undefined))
    return [
      cert === undefined
        ? { member: 'key', message: 'needs its certificate beside it: write `cert` too' }
        : { member: 'cert', message: 'needs its key beside it: write `key` too' },
    ];
  const found = [
    ...(cert === undefined ? [] : badCertificate('cert', cert, nowMs)),
    ...(ca === undefined ? [] : badCertificate('ca', ca, nowMs)),
    ...(key === undefined ? [] : badKey(key)),
  ];
  if (found.length > 0 || cert === undefined || key === undefined) return found;
  if (new X509Certificate(textOf(cert)).checkPrivateKey(createPrivateKey(textOf(key)))) return [];
  return [
    {
      member: 'key',
      message: 'is not the key of this certificate; name the two that belong together',
    },
  ];
}

const textOf = (path: string): string => readFileSync(path, 'utf8');

function badCertificate(
  member: 'cert' | 'ca',
  path: string,
  nowMs: number,
): readonly CertificateProblem[] {
  try {
    const { validFromDate, validToDate } = new X509Certificate(textOf(path));
    if (validToDate.getTime() <= nowMs)
      return [
        {
          member,
          message: `holds a certificate that expired at ${validToDate.toISOString()}; get a new one`,
        },
      ];
    if (validFromDate.getTime() > nowMs)
      return [
        {
          member,
          message: `holds a certificate that is valid from ${validFromDate.toISOString()} on; is the clock right?`,
        },
      ];
    return [];
  } catch (error) {
    return [{ member, message: unreadable(error, 'certificate in PEM') }];
  }
}

function badKey(path: string): readonly CertificateProblem[] {
  try {
    createPrivateKey(textOf(path));
    return [];
  } catch (error) {
    return [
      { member: 'key', message: unreadable(error, 'private key in PEM without a pass phrase') },
    ];
  }
}

/** Files have codes of the system, what they hold those of OpenSSL. */
function unreadable(error: unknown, what: string): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOENT') return 'is not there; write the path of the file';
  if (code === 'EACCES') return 'may not be read by this user; change its owner or mode';
  if (code === 'EISDIR') return 'is a folder; write the path of the file';
  return `is no ${what}`;
}

const expiryOf = (text: string | undefined): number =>
  text === undefined ? Infinity : new X509Certificate(text).validToDate.getTime();
