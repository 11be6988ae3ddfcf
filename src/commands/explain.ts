/** `explain "prompt"` or `explain --request F`: the decision and its reasons, without calling a model. */
import { readFile } from 'node:fs/promises';
import { defineCommand } from 'citty';
import { startJudge } from '../app.ts';
import { loadConfig } from '../config/load.ts';
import { explanation, inWords } from '../engine/explain.ts';
import { chatCall } from './chat-call.ts';
import { failing } from './failing.ts';

export const explainCommand = defineCommand({
  meta: { name: 'explain', description: 'Where a request would go, and why' },
  args: {
    prompt: { type: 'positional', description: 'The user message', required: false },
    request: { type: 'string', description: 'A file with the body of a chat request instead' },
    config: { type: 'string', description: 'The configuration (smallfirst.yaml)' },
    policy: { type: 'string', description: 'Another policy: a shipped name, or a file' },
    json: { type: 'boolean', description: 'As JSON' },
  },
  run: ({ args }) =>
    failing(async () => {
      const body = await bodyOf(args.prompt, args.request);
      const config = loadConfig({
        env: process.env,
        ...(args.config === undefined ? {} : { file: args.config }),
      });
      const chosen = args.policy === undefined ? config : { ...config, policy: args.policy };
      const judge = await startJudge(chosen, process.env);
      const told = explanation(await judge(chatCall(body)));
      process.stdout.write(`${args.json ? JSON.stringify(told, null, 2) : inWords(told)}\n`);
    }),
});

async function bodyOf(prompt: string | undefined, file: string | undefined): Promise<Buffer> {
  if (file !== undefined) return await readFile(file);
  if (prompt !== undefined) {
    return Buffer.from(
      JSON.stringify({ model: 'auto', messages: [{ role: 'user', content: prompt }] }),
    );
  }
  throw new Error('Nothing to explain. Give a prompt in quotes, or --request with a file.');
}
