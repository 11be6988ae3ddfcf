/**
 * Runs before the slow tests: lists missing programs that they need, and how to get them. Installs their
 * Debian packages only where CI is set, never on a developer's machine. A package counts as installed when
 * its program is on the PATH; with nothing missing this takes a few milliseconds.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';

export interface Needed {
  /** The Debian package. */
  readonly debian: string;
  /** A program that the package installs. */
  readonly program: string;
  /** The suite that needs it, for the message. */
  readonly suite: string;
}

/** One row per package. */
const NEEDED: readonly Needed[] = [
  { debian: 'buildah', program: 'buildah', suite: 'the image (slow)' },
  { debian: 'caddy', program: 'caddy', suite: 'the proxies (slow)' },
  { debian: 'faketime', program: 'faketime', suite: 'clocks that jump (slow)' },
  { debian: 'iproute2', program: 'ip', suite: 'networks that swallow, cables that are cut (slow)' },
  { debian: 'nginx-light', program: 'nginx', suite: 'the proxies (slow)' },
  { debian: 'redis-server', program: 'redis-server', suite: 'shared rate limits (slow)' },
  { debian: 'slowhttptest', program: 'slowhttptest', suite: 'slow clients (slow)' },
  {
    debian: 'chromium',
    program: 'chromium',
    suite: 'the page (page), pages of other sites (slow)',
  },
  { debian: 'prometheus', program: 'promtool', suite: 'rules, dashboards and the scrape (slow)' },
];

/** @param path - the value of the PATH variable. */
export function missing(needed: readonly Needed[], path: string): readonly Needed[] {
  return needed.filter(({ program }) => !isOnPath(program, path));
}

function isOnPath(program: string, path: string): boolean {
  const folders = path.split(delimiter).filter((folder) => folder !== '');
  return folders.some((folder) => runs(join(folder, program)));
}

function runs(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Instructions for installing the packages by hand. */
export function advice(absent: readonly Needed[]): string {
  const lines = absent.map(
    ({ debian, program, suite }) => `  ${program} (package ${debian}): ${suite}`,
  );
  const names = absent.map(({ debian }) => debian).join(' ');
  return [
    'Programs that tests need are missing:',
    ...lines,
    `Install them: sudo apt-get install -y ${names}`,
  ].join('\n');
}

/** A mirror that is busy is asked again, and another installation is waited for. */
const PATIENT = ['-o', 'Acquire::Retries=3', '-o', 'DPkg::Lock::Timeout=300'];

/** Runs `apt-get`, with `sudo` but without a password prompt where the user is not root. */
function apt(verb: string, ...args: readonly string[]): boolean {
  const command = ['apt-get', verb, ...PATIENT, ...args];
  if (process.getuid?.() !== 0) command.unshift('sudo', '-n', '--preserve-env=DEBIAN_FRONTEND');
  const { status } = spawnSync(command[0]!, command.slice(1), {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  return status === 0;
}

function install(absent: readonly Needed[]): boolean {
  const names = absent.map(({ debian }) => debian);
  const now = () => apt('install', '-y', '-q', '--no-install-recommends', ...names);
  return now() || (apt('update', '-q') && now());
}

function main(): number {
  const path = process.env['PATH'] ?? '';
  const absent = missing(NEEDED, path);
  if (absent.length === 0) return 0;
  const isCi = process.env['CI'] !== undefined;
  if (isCi && isOnPath('apt-get', path) && install(absent)) return 0;
  process.stderr.write(`${advice(absent)}\n`);
  // On a developer's machine the suites that need them are skipped with a message.
  return isCi ? 1 : 0;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) process.exitCode = main();
