/** `explain`: where a request would go and why, or why a recorded one went where it did. Calls no model. */
import { readFile } from 'node:fs/promises';
import { defineCommand } from 'citty';
import { openForReading, openReplay, startJudge } from '../app.ts';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { explanation, formatExplanation } from '../engine/explain.ts';
import { formatRecordExplanation, explainRecord, type Decided } from '../engine/explain-record.ts';
import { upstreamKinds } from '../upstreams/index.ts';
import { chatCall } from './chat-call.ts';
import { exitOnError } from './exit-on-error.ts';

export const explainCommand = defineCommand({
  meta: { name: 'explain', description: 'Where a request would go, and why' },
  args: {
    prompt: { type: 'positional', description: 'The user message', required: false },
    request: { type: 'string', description: 'A file with the body of a chat request instead' },
    id: { type: 'string', description: 'A request that was answered: its x-request-id' },
    config: { type: 'string', description: 'The configuration (smallfirst.yaml)' },
    policy: { type: 'string', description: 'Another policy: a shipped name, or a file' },
    json: { type: 'boolean', description: 'As JSON' },
  },
  run: ({ args }) =>
    exitOnError(async () => {
      const config = loadConfig({
        kinds: upstreamKinds,
        env: process.env,
        ...(args.config === undefined ? {} : { file: args.config }),
      });
      const { prompt, request, policy } = args;
      const [told, words] =
        args.id === undefined
          ? await beforehand(await bodyOf(prompt, request), withPolicy(config, policy))
          : await afterwards(args.id, config);
      process.stdout.write(`${args.json ? JSON.stringify(told, null, 2) : words}\n`);
    }),
});

const withPolicy = (config: Config, policy: string | undefined): Config =>
  policy === undefined ? config : { ...config, policy };

async function beforehand(body: Buffer, config: Config): Promise<[object, string]> {
  const judge = await startJudge(config, process.env);
  const judged = await judge(chatCall(body));
  const told = explanation(judged);
  return [told, formatExplanation(told, judged.signals)];
}

async function afterwards(id: string, config: Config): Promise<[object, string]> {
  const record = await decidedRecord(id, config);
  const { known, signals } = await openReplay(config, process.env);
  const policy = known.find(({ version }) => version === record.decision.policy.version);
  const told = explainRecord(record, policy);
  return [told, formatRecordExplanation(told, signals)];
}

/** @throws Error where there is no such record, or nothing was decided */
async function decidedRecord(id: string, config: Config): Promise<Decided> {
  const ledger = openForReading(config.store);
  try {
    const record = await ledger.get(id);
    if (record === undefined) throw new Error(`The ledger has no request '${id}'.`);
    const { decision, errorCode, outcome } = record;
    if (decision === undefined) {
      throw new Error(`Request '${id}' failed before it was decided: ${errorCode ?? outcome}.`);
    }
    return { ...record, decision };
  } finally {
    await ledger.close();
  }
}

async function bodyOf(prompt: string | undefined, file: string | undefined): Promise<Buffer> {
  if (file !== undefined) return await readFile(file);
  if (prompt !== undefined) {
    return Buffer.from(
      JSON.stringify({ model: 'auto', messages: [{ role: 'user', content: prompt }] }),
    );
  }
  throw new Error(
    'Nothing to explain. Give a prompt in quotes, --request with a file, or --id of a request.',
  );
}
