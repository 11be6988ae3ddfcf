/** Programs in a network of their own, where addresses can be made that swallow everything and links that go down. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** As root, or as anybody who may have a user namespace. */
const WAYS: readonly (readonly string[])[] = [['--net'], ['--user', '--map-root-user', '--net']];

const way = WAYS.find(
  (flags) =>
    spawnSync('unshare', [
      ...flags,
      'ip',
      'link',
      'add',
      'near',
      'type',
      'veth',
      'peer',
      'name',
      'far',
    ]).status === 0,
);

export const hasNamespaces = way !== undefined;
if (!hasNamespaces)
  process.stderr.write('SKIPPED: nobody here may make a network namespace (unshare, ip)\n');

/** Runs a module in a network of its own. Resolves to the lines of JSON that it prints. @throws Error where it fails */
export async function inOwnNetwork<Line>(module: string): Promise<readonly Line[]> {
  const child = spawn('unshare', [...(way ?? []), process.execPath, module], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: Line[] = [];
  const ended = once(child, 'exit');
  for await (const line of createInterface({ input: child.stdout })) lines.push(JSON.parse(line));
  const [status] = await ended;
  if (status !== 0) throw new Error(`${module} ended with ${String(status)}`);
  return lines;
}

/** To be called there: another network within, as a machine at the other end of a cable. */
export interface Neighbour {
  readonly child: ChildProcess;
  /** What it printed first. */
  readonly said: string;
  /** Its end of the cable. */
  link(state: 'up' | 'down'): void;
}

export const ip = (...args: readonly string[]): void => run('ip', ...args);

function run(program: string, ...args: readonly string[]): void {
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
}

/** Starts a module at `address`, with a cable to this network's `own`; it begins when it reads a line. */
export async function neighbour(module: string, own: string, address: string): Promise<Neighbour> {
  const child = spawn('unshare', ['--net', process.execPath, module], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  // `unshare` becomes the program: its id is that of the network.
  const pid = String(child.pid);
  await once(child.stdout, 'data');
  const inside = (...args: readonly string[]): void =>
    run('nsenter', '--net', '--target', pid, 'ip', ...args);
  ip('link', 'add', 'near', 'type', 'veth', 'peer', 'name', 'far');
  ip('link', 'set', 'far', 'netns', pid);
  ip('addr', 'add', `${own}/24`, 'dev', 'near');
  ip('link', 'set', 'near', 'up');
  inside('addr', 'add', `${address}/24`, 'dev', 'far');
  const link = (state: 'up' | 'down'): void => inside('link', 'set', 'far', state);
  link('up');
  child.stdin.write('\n');
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, said: said.toString().trim(), link };
}
