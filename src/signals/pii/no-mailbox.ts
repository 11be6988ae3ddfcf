/** Text in the form of an e-mail address that reaches nobody: reserved names, logins, remotes, files and code. */
import { before } from './span.ts';

interface Place {
  readonly start: number;
  /** Where the at sign is. */
  readonly at: number;
  readonly end: number;
}

export function isNoMailbox(text: string, { start, at, end }: Place): boolean {
  const local = text.slice(start, at).toLowerCase();
  const domain = text.slice(at + 1, end).toLowerCase();
  return (
    PROGRAMS.has(local) ||
    RESERVED.test(domain) ||
    (FILES.test(domain) && !NAMED_AFTER.test(domain)) ||
    isLogin(text, start, end) ||
    isCall(text, domain, end)
  );
}

/** Who logs in or sends under these names is a program. */
const PROGRAMS = new Set([
  'git', 'hg', 'svn', 'root', 'ubuntu', 'debian', 'centos', 'ec2-user', 'deploy', 'www-data',
  'noreply', 'no-reply', 'donotreply', 'do-not-reply',
]); // prettier-ignore

/** RFC 2606 and RFC 6761, and the name that systems give to the loopback address. */
const RESERVED = /(?:^|\.)(?:example\.(?:com|net|org)|example|invalid|test|localhost|localdomain)$/;

/** `logo@2x.png`, `react@18.2.0.tgz`: endings of files that are no top-level domain. */
const FILES =
  /\.(?:png|jpe?g|gif|svg|webp|avif|ico|[cm]?js|[jt]sx|ts|json|ya?ml|s?css|html?|xml|tgz|tar|gz|bz2|whl|jar|exe|dll|txt|csv|log|lock|toml|ini|conf|java|cpp|hpp|php|rb|kt|sql|pdf|woff2?|ttf|wasm|gguf)$/;

/** A document that is called by somebody's address: `ben@corp.jp.pdf`. */
const NAMED_AFTER =
  /^(?=[a-z\d-]{0,60}[a-z]{2})(?:[a-z\d-]{1,60}\.){1,4}(?:(?:com|net|org|edu|gov|info|biz)\.(?:pdf|txt|csv|jpe?g|png|json)|[a-z]{2}\.(?:pdf|csv))$/;

/** `name@host:group/project.git`, `scp x name@host:/path`, `https://name@host/…`: a login at a machine. */
function isLogin(text: string, start: number, end: number): boolean {
  const words = before(text, start);
  const rest = text.slice(end, end + 120);
  if (words.endsWith('://')) return /^(?::\d+)?\//.test(rest);
  return /^:[\w~./-]+/.test(rest) && (/^:[\w~./-]+\.git\b/.test(rest) || COPIES.test(words));
}

const COPIES = /\b(?:git|clone|remote|origin|upstream|push|pull|fetch|submodule|scp|rsync|sftp)\b/;

/** `q@k.transpose(0, 1)`: an operator and a method of what follows it. */
const isCall = (text: string, domain: string, end: number): boolean =>
  text.charAt(end) === '(' && !/\.(?:[a-z]{2}|com|net|org|edu|gov|info|biz|name)$/.test(domain);
