/** What the README tells a newcomer to type, typed in an empty folder, as it stands there. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort, MAIN } from '../support/gateway-process.ts';
import { blocksOf, commandsOf, startTyping, type Typing } from '../support/typed-commands.ts';

const README = readFileSync('README.md', 'utf8');

const commands = commandsOf(README).filter((line) => line.startsWith('smallfirst '));

let typing: Typing;
beforeAll(async () => {
  typing = await startTyping();
});
afterAll(() => typing?.close());

describe('the README', () => {
  test('has the commands that are typed here', () => {
    expect(commands.map((line) => line.split(' ')[1])).toEqual(
      expect.arrayContaining(['demo', 'explain', 'init', 'check', 'doctor', 'report']),
    );
  });

  test.each(commands.filter((line) => !/^smallfirst (?:demo|report)/.test(line)))(
    '%s',
    async (line) => {
      expect(await typing.type(line)).not.toBe('');
    },
  );

  test.each(['README.md', 'README.es.md'])(
    'the alias of %s works for a clone whose path has blanks',
    async (file) => {
      const clone = join(typing.folder, `mein klon ü ${file}`);
      symlinkSync(resolve('.'), clone);
      const line = commandsOf(readFileSync(file, 'utf8')).find((each) => each.startsWith('alias '));
      // Bash reads a line whole before an alias of it holds.
      const said = await typing.type(
        `cd '${clone}'\nshopt -s expand_aliases\n${line}\ncd /\nsmallfirst version`,
      );
      expect(said).toMatch(/^\d+\.\d+\.\d+/);
    },
  );

  test('curl gets an answer with the decision in its head, which the report counts', async () => {
    const curl = commandsOf(README).find((line) => line.startsWith('curl '));
    const answer = await typing.type(typing.atGateway(curl ?? ''));
    expect(answer).toMatch(/^HTTP\/1\.1 200/);
    expect(answer).toContain('x-smallfirst-tier: small');
    const line = commands.find((each) => each.startsWith('smallfirst report')) ?? '';
    const said = await typing.type(line, { SMALLFIRST_CONFIG: typing.config });
    expect(said).toMatch(/requests\s+1\b/);
  });

  test("OpenAI's client for Node gets one", async () => {
    const [program = ''] = blocksOf(README, 'ts');
    symlinkSync(resolve('node_modules'), join(typing.folder, 'node_modules'));
    const named = typing.atGateway(program).replace('await client', 'const answer = await client');
    writeFileSync(join(typing.folder, 'ask.mjs'), `${named}\nconsole.log(answer.model);\n`);
    expect(await typing.type(`${process.execPath} ask.mjs`)).toBe('slm\n');
  });

  test('the demonstration starts, and ends when it is told to', async () => {
    const line = commands.find((each) => each.startsWith('smallfirst demo')) ?? '';
    const [, ...args] = line.split(' ');
    const port = String(await freePort());
    const demo = spawn(process.execPath, [MAIN, ...args], {
      cwd: typing.folder,
      env: { ...typing.environment, SMALLFIRST_PORT: port },
      stdio: 'ignore',
    });
    const ended = once(demo, 'exit');
    const ready = async (): Promise<number | undefined> =>
      (await fetch(`http://127.0.0.1:${port}/dashboard`).catch(() => undefined))?.status;
    await expect.poll(ready).toBe(200);
    demo.kill('SIGTERM');
    expect((await ended)[0]).toBe(0);
  });
});
