/** Builds `deploy/Dockerfile` with buildah, without a daemon and without a registry of images, and starts it. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { chownSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildBase, runBase } from './image-bases.ts';

const run = promisify(execFile);

/** The part of an image's configuration that a runtime obeys. */
interface ImageConfig {
  readonly User: string;
  readonly Env: readonly string[];
  readonly Entrypoint: readonly string[];
  readonly Cmd: readonly string[];
  readonly WorkingDir: string;
  readonly Volumes: Readonly<Record<string, unknown>>;
  readonly Healthcheck: { readonly Test: readonly string[] };
}

export interface BuiltImage {
  readonly config: ImageConfig;
  /** Where its files are mounted. */
  readonly root: string;
  /** A folder that belongs to the image's user, for a volume. */
  volume(): string;
  /**
   * Starts it as a runtime would: its user, environment and command, its root read-only. The network is this machine's.
   * @param args - in place of its `Cmd`.
   */
  start(options: StartOptions, args?: readonly string[]): ChildProcess;
  remove(): Promise<void>;
}

interface StartOptions {
  /** Folders or files of this machine, by the path that they have inside. Read-only, except for those of `volume`. */
  readonly mounts: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** Why it cannot be built and started here; undefined where it can. */
export async function whyNoImages(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'not Linux';
  if (process.getuid?.() !== 0) return 'not root: a root file system cannot be made read-only';
  const may = (command: string, ...args: readonly string[]): Promise<boolean> =>
    run(command, args).then(
      () => true,
      () => false,
    );
  if (!(await may('buildah', '--version'))) return 'no buildah (apt-get install buildah)';
  if (!(await may('unshare', '--mount', 'true'))) return 'mounts are not allowed here';
  return undefined;
}

const UID = 65_532;

export async function buildImage(): Promise<BuiltImage> {
  const folder = mkdtempSync(join(tmpdir(), 'smallfirst-image-'));
  try {
    return await buildIn(folder);
  } catch (error) {
    await run('rm', ['-rf', folder]);
    throw error;
  }
}

async function buildIn(folder: string): Promise<BuiltImage> {
  const buildah = buildahIn(folder);
  await makeBase(buildah, join(folder, 'base-run'), { make: runBase, name: 'localhost/base-run' });
  await makeBase(buildah, join(folder, 'base-build'), {
    make: buildBase,
    name: 'localhost/base-build',
  });
  await buildah(
    'build',
    '--isolation=chroot',
    '--network=host',
    '--pull-never',
    // The health check stands in no OCI image.
    '--format=docker',
    '--layers=false',
    ...(await npmSettings(folder)),
    '--build-arg=BUILD_IMAGE=localhost/base-build',
    '--build-arg=RUN_IMAGE=localhost/base-run',
    '--tag=smallfirst',
    '--file=deploy/Dockerfile',
    '.',
  );
  const inspected: { readonly Docker: { readonly config: ImageConfig } } = JSON.parse(
    await buildah('inspect', '--type=image', 'smallfirst'),
  );
  const { config } = inspected.Docker;
  const container = await buildah('from', '--pull-never', 'smallfirst');
  const root = await buildah('mount', container);
  let volumes = 0;
  return {
    config,
    root,
    volume: () => {
      const own = join(folder, `volume-${(volumes += 1)}`);
      mkdirSync(own);
      chownSync(own, UID, UID);
      return own;
    },
    start: (options, args) => startIn(root, config, options, args ?? config.Cmd),
    remove: async () => {
      await buildah('rm', '--all');
      await buildah('rmi', '--all', '--force');
      await run('rm', ['-rf', folder]);
    },
  };
}

type Buildah = (...args: readonly string[]) => Promise<string>;

/** With a storage of its own: the user's images stay as they are. */
const buildahIn =
  (folder: string): Buildah =>
  async (...args) => {
    const where = ['--root', join(folder, 'storage'), '--runroot', join(folder, 'run')];
    const all = [...where, '--storage-driver=vfs', ...args];
    const { stdout } = await run('buildah', all, { maxBuffer: 64 * 2 ** 20 });
    return stdout.trim();
  };

interface Base {
  readonly name: string;
  make(folder: string): void;
}

async function makeBase(buildah: Buildah, folder: string, { make, name }: Base): Promise<void> {
  make(folder);
  const container = await buildah('from', 'scratch');
  await buildah('copy', container, folder, '/');
  await buildah('config', '--env=PATH=/usr/local/bin:/usr/bin:/bin', container);
  await buildah('commit', '--rm', container, name);
}

/** What npm is told on this machine (registry, certificates) and has in its cache: only for the build. */
async function npmSettings(folder: string): Promise<readonly string[]> {
  const setting = async (key: string): Promise<string> =>
    (await run('npm', ['config', 'get', key])).stdout.trim();
  const [user = '', cafile = '', cache = ''] = await Promise.all(
    ['userconfig', 'cafile', 'cache'].map(setting),
  );
  const certificates = (await isThere(cafile))
    ? cafile
    : (process.env['NODE_EXTRA_CA_CERTS'] ?? '');
  const global = join(folder, 'npmrc');
  const trusted = (await isThere(certificates)) ? `cafile=${INSIDE_CA}\n` : '';
  writeFileSync(global, `prefer-offline=true\n${trusted}`);
  const mounts = [
    [user, '/root/.npmrc', 'ro'],
    [global, '/usr/local/etc/npmrc', 'ro'],
    [certificates, INSIDE_CA, 'ro'],
    [cache, '/root/.npm', 'rw'],
  ];
  const there = await Promise.all(mounts.map(([from = '']) => isThere(from)));
  return mounts.filter((_, index) => there[index]).map((mount) => `--volume=${mount.join(':')}`);
}

const INSIDE_CA = '/etc/ssl/ca-of-the-build.pem';

const isThere = (path: string): Promise<boolean> =>
  run('test', ['-e', path]).then(
    () => true,
    () => false,
  );

/** In a mount namespace of its own; every step replaces the process before, so a signal reaches the gateway. */
function startIn(
  root: string,
  config: ImageConfig,
  { mounts, env = {} }: StartOptions,
  args: readonly string[],
): ChildProcess {
  const steps = [
    'set -e',
    'root=$1; uid=$2; folder=$3; shift 3',
    'mount --bind "$root" "$root"',
    'for kind in proc dev; do mkdir -p "$root/$kind"; mount --rbind "/$kind" "$root/$kind"; done',
    'for name in etc/resolv.conf etc/hosts; do touch "$root/$name"; mount --bind "/$name" "$root/$name"; done',
    'while [ "$1" != -- ]; do',
    '  mkdir -p "$root/$(dirname "$2")"',
    '  if [ -d "$1" ]; then mkdir -p "$root/$2"; else touch "$root/$2"; fi',
    '  mount --bind "$1" "$root/$2"; shift 2',
    'done',
    'shift',
    'mount -o remount,ro,bind "$root"',
    'exec setpriv --clear-groups --no-new-privs -- unshare --root "$root" --wd "$folder" --setgid "$uid" --setuid "$uid" -- "$@"',
  ];
  const pairs = Object.entries(mounts).flatMap(([inside, outside]) => [outside, inside]);
  return spawn(
    'unshare',
    [
      '--mount',
      '--propagation=private',
      'sh',
      '-c',
      steps.join('\n'),
      'sh',
      root,
      String(UID),
      config.WorkingDir,
      ...pairs,
      '--',
      ...config.Entrypoint,
      ...args,
    ],
    {
      env: { ...Object.fromEntries(config.Env.map(parted)), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
}

function parted(variable: string): readonly [string, string] {
  const at = variable.indexOf('=');
  return [variable.slice(0, at), variable.slice(at + 1)];
}
