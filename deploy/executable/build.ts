/**
 * `npm run build:exe`, after `npm run build`: `dist-exe/smallfirst`, Node and the program in one file (a single executable application of
 * Node), for this machine's system and processor.
 */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import { inject } from 'postject';

const ROOT = join(import.meta.dirname, '../..');
const OUT = join(ROOT, 'dist-exe');
/** Marks the place in Node's binary that says whether a program is in it: https://nodejs.org/api/single-executable-applications.html */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

/** What is unpacked, by its path there: what the package has, without its types. */
function files(): readonly (readonly [path: string, file: string])[] {
  const own: { readonly files: readonly string[] } = JSON.parse(
    readFileSync(join(ROOT, 'package.json'), 'utf8'),
  );
  const paths = ['package.json', ...own.files]
    .flatMap(below)
    .filter((path) => !path.endsWith('.d.ts'));
  return [
    ...paths.map((path) => [path.replaceAll('\\', '/'), join(ROOT, path)] as const),
    ['boot.cjs', join(import.meta.dirname, 'boot.cjs')],
  ];
}

/** A file, or those of a folder. */
function below(path: string): readonly string[] {
  if (statSync(join(ROOT, path)).isFile()) return [path];
  return readdirSync(join(ROOT, path), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(ROOT, join(parentPath, name)));
}

/** The length of an index, the index as JSON, and the files that it lists, one after another. */
function packed(): Buffer {
  const parts = files().map(([path, file]) => ({ path, bytes: readFileSync(file) }));
  const index = Buffer.from(
    JSON.stringify(parts.map(({ path, bytes }) => ({ path, size: bytes.length }))),
  );
  const length = Buffer.alloc(4);
  length.writeUInt32BE(index.length);
  return gzipSync(Buffer.concat([length, index, ...parts.map(({ bytes }) => bytes)]), { level: 9 });
}

rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT);
const program = join(OUT, 'program.gz');
const blob = join(OUT, 'sea.blob');
const config = join(OUT, 'sea.json');
writeFileSync(program, packed());
writeFileSync(
  config,
  JSON.stringify({
    main: join(import.meta.dirname, 'main.cjs'),
    output: blob,
    assets: { program },
    disableExperimentalSEAWarning: true,
    execArgv: ['--max-semi-space-size=16'],
  }),
);
execFileSync(process.execPath, ['--experimental-sea-config', config], { stdio: 'ignore' });
const executable = join(OUT, process.platform === 'win32' ? 'smallfirst.exe' : 'smallfirst');
copyFileSync(process.execPath, executable);
chmodSync(executable, 0o755);
// macOS runs no binary whose signature does not fit any more.
if (process.platform === 'darwin') execFileSync('codesign', ['--remove-signature', executable]);
await inject(executable, 'NODE_SEA_BLOB', readFileSync(blob), {
  sentinelFuse: FUSE,
  ...(process.platform === 'darwin' ? { machoSegmentName: 'NODE_SEA' } : {}),
});
if (process.platform === 'darwin') execFileSync('codesign', ['--sign', '-', executable]);
for (const file of [program, blob, config]) rmSync(file);
process.stdout.write(`${executable}: ${Math.round(statSync(executable).size / 1e6)} MB\n`);
