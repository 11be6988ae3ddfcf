/**
 * Runs before the tests: installs the Debian packages that suites need, when it may, and else says which
 * are missing and how to get them. A package counts as there when one of its programs is on the PATH,
 * wherever it came from; with nothing missing this takes a few milliseconds.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';

export interface Needed {
  /** The Debian package. */
  readonly debian: string;
  /** A program that it brings. */
  readonly program: string;
  /** The suite that asks for it, for the message. */
  readonly suite: string;
}

/** One row a package. */
const NEEDED: readonly Needed[] = [
  { debian: 'prometheus', program: 'promtool', suite: 'rules, dashboards and the scrape (slow)' },
];

/** @param path - the value of the PATH variable. */
export function missing(needed: readonly Needed[], path: string): readonly Needed[] {
  const folders = path.split(delimiter).filter((folder) => folder !== '');
  return needed.filter(({ program }) => !folders.some((folder) => runs(join(folder, program))));
}

function runs(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** What to tell somebody who has to install the packages by hand. */
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

function apt(...args: readonly string[]): boolean {
  const { status } = spawnSync('apt-get', args, {
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
  const absent = missing(NEEDED, process.env['PATH'] ?? '');
  if (absent.length === 0) return 0;
  const mayInstall = process.getuid?.() === 0 && existsSync('/etc/debian_version');
  if (mayInstall && install(absent)) return 0;
  process.stderr.write(`${advice(absent)}\n`);
  // Elsewhere the suites that need them are skipped, and say so.
  return process.env['CI'] === undefined ? 0 : 1;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) process.exitCode = main();
