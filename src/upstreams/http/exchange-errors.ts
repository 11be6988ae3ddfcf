/** Errors on the way to an upstream, in words that say what to check. */
import { REFUSED_ADDRESS } from './link-local.ts';
import { errors } from 'undici';
import { UpstreamError } from '../../core/errors.ts';

/** What an exchange was about, for its errors. */
interface Failing {
  readonly upstream: string;
  readonly abort: AbortSignal;
}

/** True for a kept-alive connection that its peer had closed: no part of an answer came over it. */
export class StaleConnectionError extends UpstreamError {
  constructor(upstream: string, cause: unknown) {
    const message = `'${upstream}' had closed the connection that was kept to it (${reasonOf(cause)}).`;
    super('unreachable', message, { cause });
    this.name = 'StaleConnectionError';
  }
}

export const abortedError = ({ upstream, abort }: Failing): UpstreamError =>
  new UpstreamError('aborted', `The request to '${upstream}' was stopped.`, {
    cause: abort.reason,
  });

export function timeoutError({ upstream }: Failing, isAnswered: boolean): UpstreamError {
  const what = isAnswered ? 'stopped sending in mid-answer' : 'did not answer';
  return new UpstreamError(
    'timeout',
    `'${upstream}' ${what} within its time limit; raise the upstream's timeouts if its model is that slow.`,
  );
}

/** How far an exchange had come when its connection failed. */
export interface Progress {
  /** The request went out on a connection. */
  readonly isSent: boolean;
  /** The head of an answer came. */
  readonly hasHead: boolean;
  /** Host and port of the proxy between. */
  readonly proxyHost: string | undefined;
  /** The connection was kept from an earlier request, and was closed at once. */
  readonly isOnKept?: boolean;
}

export function connectError(
  { upstream }: Failing,
  proxyHost: string | undefined,
  cause?: unknown,
): UpstreamError {
  const advice =
    proxyHost === undefined ? 'is its url right?' : `is the proxy ${proxyHost} the right one?`;
  const message = `'${upstream}' did not accept a connection in time; ${advice}`;
  return new UpstreamError('unreachable', message, { cause });
}

const CONNECT_TIMEOUTS = new Set(['UND_ERR_CONNECT_TIMEOUT', 'ETIMEDOUT']);

export function brokenError(about: Failing, progress: Progress, cause: unknown): UpstreamError {
  const { upstream } = about;
  const { isSent, hasHead, proxyHost, isOnKept } = progress;
  const reason = reasonOf(cause);
  if (reason === 'ETIMEDOUT' && isSent) return vanishedError(upstream, cause);
  if (hasHead) {
    const message = `The connection to '${upstream}' broke in mid-answer (${reason}).`;
    return new UpstreamError('interrupted', message, { cause });
  }
  if (isSent && isClosedByPeer(cause)) {
    const message = `'${upstream}' closed the connection without an answer (${reason}).`;
    return new UpstreamError('interrupted', message, { cause, isOnKept });
  }
  if (CONNECT_TIMEOUTS.has(reason)) return connectError(about, proxyHost, cause);
  const bad = unreadWords(cause);
  if (bad !== undefined) return new UpstreamError('bad_answer', `'${upstream}' ${bad}`, { cause });
  if (reason === REFUSED_ADDRESS) {
    const message = `'${upstream}' stands for a link-local address, at which clouds hand out credentials: nothing was sent. Write \`allowLinkLocal: true\` for this upstream if a model is there.`;
    return new UpstreamError('unreachable', message, { cause });
  }
  if (isUntrusted(reason)) {
    const message = `'${upstream}' shows a certificate that is not trusted here (${reason}); name the file of its authority in \`tls: { ca: … }\` of this upstream, or in NODE_EXTRA_CA_CERTS.`;
    return new UpstreamError('unreachable', message, { cause });
  }
  const here = OUR_LIMITS.get(reason);
  if (here !== undefined) {
    const message = `'${upstream}' was not asked: ${here} (${reason}).`;
    return new UpstreamError('unreachable', message, { cause });
  }
  const [way, advice] =
    proxyHost === undefined
      ? ['', 'is it running, and is its url right?']
      : [
          ` through the proxy ${proxyHost}`,
          'does the proxy let it through, and does NO_PROXY name what is reached directly?',
        ];
  const message = `'${upstream}' could not be reached${way} (${reason}); ${advice}`;
  return new UpstreamError('unreachable', message, { cause });
}

/** Why what came was not read, if something came. */
function unreadWords(cause: unknown): string | undefined {
  if (reasonOf(cause) === 'UND_ERR_HEADERS_OVERFLOW')
    return 'answers with more headers than are read (16 KiB).';
  return cause instanceof errors.HTTPParserError
    ? 'does not answer in HTTP; is its url right?'
    : undefined;
}

const NO_FILES =
  'no file descriptor is left here; raise the limit of open files (`ulimit -n`, LimitNOFILE)';

/** Resources of this machine that are used up: that says nothing about the upstream. */
const OUR_LIMITS: ReadonlyMap<string, string> = new Map([
  ['EMFILE', NO_FILES],
  ['ENFILE', NO_FILES],
  ['EADDRNOTAVAIL', 'no local port is free for a connection to it'],
]);

/** The kernel's keep-alive probes found nobody. */
const vanishedError = (upstream: string, cause: unknown): UpstreamError =>
  new UpstreamError('timeout', `'${upstream}' vanished from the network (ETIMEDOUT).`, { cause });

/** Codes of undici's that say less than its message. */
const VAGUE = new Set(['UND_ERR_ABORTED', 'UND_ERR_INVALID_ARG']);

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return code === undefined || VAGUE.has(code) ? error.message : code;
}

/** Codes that a write gets after the peer has closed its side. */
const CLOSED = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);

export const isClosedByPeer = (error: unknown): boolean => CLOSED.has(reasonOf(error));

/** Codes of OpenSSL's verification and Node's: SELF_SIGNED_CERT_IN_CHAIN, ERR_TLS_CERT_ALTNAME_INVALID, … */
const isUntrusted = (reason: string): boolean =>
  /CERT|UNABLE_TO_VERIFY_LEAF_SIGNATURE/.test(reason);

const UNREACHABLE: ReadonlyMap<string, string> = new Map([
  [REFUSED_ADDRESS, 'a link-local or metadata address'],
  [
    'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
    'it asks for a certificate of ours: `tls: { cert, key }`',
  ],
  ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'it does not trust our certificate'],
  ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'it speaks another version of TLS'],
  ...OUR_LIMITS,
  ['ECONNREFUSED', 'connection refused'],
  ['EHOSTUNREACH', 'no route to it'],
  ['ENETUNREACH', 'no route to it'],
  ['ENOTFOUND', 'no such host'],
  ['EAI_AGAIN', 'its name could not be looked up'],
  ['UND_ERR_CONNECT_TIMEOUT', 'no connection in time'],
  ['ETIMEDOUT', 'no connection in time'],
]);

/** Why a server could not be reached, in a few words without an address. */
export function unreachableWords({ cause }: UpstreamError): string {
  if (cause === undefined) return 'no connection in time';
  const reason = reasonOf(cause);
  if (isUntrusted(reason)) return `its certificate is not trusted here (${reason})`;
  return UNREACHABLE.get(reason) ?? `no connection (${reason})`;
}
