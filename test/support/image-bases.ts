/**
 * Bases for `deploy/Dockerfile` where no registry of images can be asked: made of this machine's own files, with what
 * the real ones have that matters here. The base to run on has Node and its libraries, and no shell.
 */
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/** What `sh`, npm and the scripts of a build start. */
const PROGRAMS = ['sh', 'env', 'mkdir', 'cp', 'rm', 'uname'];

const onPath = (program: string): string =>
  execFileSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).trim();

/** Node, with the libraries that it and the embedded engine are linked to, in the place of distroless images. */
export function runBase(folder: string): void {
  install(folder, process.execPath, '/nodejs/bin/node');
  accounts(folder);
}

/** A shell, Node and npm, in the place of Node's own images. */
export function buildBase(folder: string): void {
  install(folder, process.execPath, '/usr/local/bin/node');
  for (const name of PROGRAMS) install(folder, onPath(name), `/usr/bin/${name}`);
  mkdirSync(join(folder, 'bin'), { recursive: true });
  symlinkSync('/usr/bin/sh', join(folder, 'bin/sh'));
  const npm = dirname(dirname(realpathSync(onPath('npm'))));
  cpSync(npm, join(folder, 'usr/local/lib/node_modules/npm'), { recursive: true });
  for (const name of ['npm', 'npx'])
    symlinkSync(`../lib/node_modules/npm/bin/${name}-cli.js`, join(folder, 'usr/local/bin', name));
  accounts(folder);
}

function accounts(folder: string): void {
  mkdirSync(join(folder, 'etc'), { recursive: true });
  for (const name of ['tmp', 'proc', 'dev', 'root', 'run'])
    mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(
    join(folder, 'etc/passwd'),
    'root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n',
  );
  writeFileSync(join(folder, 'etc/group'), 'root:x:0:\nnonroot:x:65532:\n');
  writeFileSync(join(folder, 'etc/nsswitch.conf'), 'hosts: files dns\n');
}

function install(folder: string, from: string, to: string): void {
  put(folder, realpathSync(from), to);
  const linked = execFileSync('ldd', [realpathSync(from)], { encoding: 'utf8' });
  const libraries = [...linked.matchAll(/(?:=> |^\s*)(\/\S+) \(0x/gm)].map(
    ([, path]) => path ?? '',
  );
  for (const library of [...libraries, ...resolvers(libraries)])
    put(folder, realpathSync(library), library);
}

/** glibc loads these itself to look up names, and the bundler's binary asks for librt: nothing that is copied is linked to them. */
function resolvers(libraries: readonly string[]): readonly string[] {
  const libc = libraries.find((library) => /\/libc\.so/.test(library));
  if (libc === undefined) return [];
  const near = dirname(libc);
  return readdirSync(near)
    .filter((name) => /^lib(?:nss_(?:dns|files)|resolv|rt|gcc_s)\.so\.\d$/.test(name))
    .map((name) => join(near, name));
}

function put(folder: string, from: string, to: string): void {
  mkdirSync(dirname(join(folder, to)), { recursive: true });
  copyFileSync(from, join(folder, to));
}
