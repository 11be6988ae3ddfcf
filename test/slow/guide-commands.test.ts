/** The commands of each guide, typed one after another in an empty folder, beside a gateway that has answered a request. */
import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { GUIDES, REFERENCES } from '../../src/http/pages/docs-pages.ts';
import { commandsOf, startTyping } from '../support/typed-commands.ts';

/** What is typed here; the rest installs, downloads a model, goes on until it is ended, or is of months of answers. */
const isTyped = (command: string): boolean =>
  /^(?:smallfirst|curl) /.test(command) &&
  !/^smallfirst (?:serve|demo|calibrate|models|collected|export)\b/.test(command);

/** They read what the gateway has written. */
const NEEDS_GATEWAY = /^smallfirst (?:keys|budgets|simulate|policy|report)\b/;

// The commands of `policies` are on files of the reader's.
const guides = [...GUIDES, ...REFERENCES.filter(({ slug }) => slug !== 'policies')]
  .map(({ file }) => ({
    file,
    commands: commandsOf(readFileSync(file, 'utf8')).filter(isTyped),
  }))
  .filter(({ commands }) => commands.length > 0);

test('most guides have commands', () => {
  expect(guides.length).toBeGreaterThan(5);
});

test.each(guides)('$file', async ({ commands }) => {
  const typing = await startTyping();
  onTestFinished(() => typing.close());
  const body = JSON.stringify({ model: 'auto', messages: [{ role: 'user', content: 'Hello' }] });
  const answer = await fetch(typing.atGateway('http://127.0.0.1:4100/v1/chat/completions'), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  const id = answer.headers.get('x-request-id') ?? '';
  expect(answer.status).toBe(200);
  for (const command of commands) {
    const more: Readonly<Record<string, string>> = NEEDS_GATEWAY.test(command)
      ? { SMALLFIRST_CONFIG: typing.config }
      : {};
    // An id that is cut in the text stands for one of the reader's.
    const line = typing.atGateway(command).replace(/req_[0-9a-f]+…/, id);
    await expect(typing.type(line, more), command).resolves.toBeTypeOf('string');
  }
});
