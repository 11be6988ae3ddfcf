/** What a guide tells a reader to type, typed in an empty folder as it stands there. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { MAIN, startGateway, type GatewayProcess } from './gateway-process.ts';
import { startMockUpstream } from './mock-upstream.ts';

/** The text of a page's fenced blocks of one language. */
export const blocksOf = (page: string, language: string): readonly string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(
    ([, text = '']) => text,
  );

/** Commands of a page's shell blocks, each with the lines that it goes on over. */
export const commandsOf = (page: string): readonly string[] =>
  blocksOf(page, 'sh')
    .flatMap((block) => block.replaceAll('\\\n', '\\\0').split('\n'))
    .map((line) => line.replaceAll('\0', '\n'))
    .filter((line) => line !== '');

export interface Typing {
  /** Where it is typed: nothing is in it. */
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  /** The configuration of the gateway that runs beside it. */
  readonly config: string;
  /** Its address in place of the one that guides name. */
  atGateway(text: string): string;
  /** Rejects, with what was said, where a line does not end with 0. */
  type(line: string, more?: Readonly<Record<string, string>>): Promise<string>;
  close(): Promise<void>;
}

const SMALLFIRST = `alias smallfirst="${process.execPath} ${MAIN}"`;

/** Beside a gateway whose small model is a stand-in. */
export async function startTyping(): Promise<Typing> {
  const place = mkdtempSync(join(tmpdir(), 'smallfirst-typed-'));
  const folder = join(place, 'empty');
  const environment = { ...process.env, HOME: join(place, 'home') };
  for (const path of [folder, environment.HOME]) mkdirSync(path);
  const small = await startMockUpstream({ name: 'local', models: ['slm'] });
  const config = join(place, 'gateway.yaml');
  writeFileSync(
    config,
    `upstreams: [{ name: local, kind: openai, locality: local, url: ${small.url}, model: slm }]\n`,
  );
  const gateway: GatewayProcess = await startGateway(config);
  const url = gateway.url.replace(/\/$/, '');
  return {
    folder,
    environment,
    config,
    atGateway: (text) => text.replaceAll('http://127.0.0.1:4100', url),
    type: async (line, more = {}) => {
      const script = `${SMALLFIRST}\n${line}`;
      const options = { cwd: folder, env: { ...environment, ...more } };
      const shell = promisify(execFile);
      return (await shell('bash', ['-O', 'expand_aliases', '-c', script], options)).stdout;
    },
    close: async () => {
      await gateway.stop();
      await small.close();
      rmSync(place, { recursive: true, force: true });
    },
  };
}
