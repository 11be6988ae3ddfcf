/** A virtual environment with the packages of a requirements file, made once and kept beside the suites. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the pinned packages support. */
const OLDEST_PYTHON = [3, 11] as const;

export interface Finished {
  /** Null if a signal ended it. */
  readonly status: number | null;
  /** Both streams. */
  readonly output: string;
}

/** Runs a program to its end, without blocking this process. A program that cannot be started has the status -1. */
export function run(
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Finished> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.once('error', (error) => resolve({ status: -1, output: error.message }));
    child.once('close', (status) => resolve({ status, output }));
  });
}

/** A Python interpreter with the packages, or why there is none. */
export type Environment =
  | { readonly python: string; readonly missing?: never }
  | { readonly missing: string };

/**
 * @param requirements - a pip requirements file that pins every package.
 * @param folder - where the environment is; it is made anew when the requirements have changed.
 */
export async function pythonEnvironment(
  requirements: string,
  folder: string,
): Promise<Environment> {
  const python = join(folder, 'bin/python');
  const stamp = join(folder, 'requirements.sha256');
  const digest = createHash('sha256').update(readFileSync(requirements)).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return { python };
  const [major, minor] = OLDEST_PYTHON;
  const version = await run('python3', [
    '-c',
    `import sys; sys.exit(sys.version_info < (${major}, ${minor}))`,
  ]);
  if (version.status !== 0)
    return { missing: `there is no python3 of version ${major}.${minor} or later` };
  rmSync(folder, { recursive: true, force: true });
  const made = await run('python3', ['-m', 'venv', folder]);
  if (made.status !== 0) return { missing: `no virtual environment could be made: ${made.output}` };
  // Every package is pinned, so nothing has to be resolved; and what is never imported need not be compiled.
  const options = ['--quiet', '--no-deps', '--no-compile', '--disable-pip-version-check'];
  const installed = await run(python, ['-m', 'pip', 'install', ...options, '-r', requirements]);
  if (installed.status !== 0)
    return { missing: `pip could not install ${requirements}: ${installed.output}` };
  writeFileSync(stamp, digest);
  return { python };
}
