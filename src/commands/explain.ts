/** `explain`: the decision for a request and its reasons, or those of a recorded one. Calls no model. */
import { readFile } from 'node:fs/promises';
import { defineCommand } from 'citty';
import { askerNamed, openForReading, openReplay, startJudge, type Asker } from '../offline.ts';
import type { Config } from '../config/config.ts';
import type { Call } from '../core/call.ts';
import { GatewayError } from '../core/errors.ts';
import { explanation, formatExplanation } from '../engine/explain.ts';
import { formatRecordExplanation, explainRecord, type Decided } from '../engine/explain-record.ts';
import { chatCall } from '../http/chat-call.ts';
import { commandConfig, storeConfig } from './command-config.ts';
import { exitOnError } from './exit-on-error.ts';

export const explainCommand = defineCommand({
  meta: { name: 'explain', description: 'Where a request would go, and why' },
  args: {
    prompt: { type: 'positional', description: 'The user message, quoted or not', required: false },
    request: { type: 'string', description: 'A file with the body of a chat request instead' },
    id: { type: 'string', description: 'The x-request-id of a recorded request' },
    config: { type: 'string', description: 'The configuration (smallfirst.yaml of this folder)' },
    policy: { type: 'string', description: 'Another policy: a shipped name, or a file' },
    key: { type: 'string', description: 'Asked with this key: its policy, what it is held to' },
    json: { type: 'boolean', description: 'As JSON' },
  },
  run: ({ args }) =>
    exitOnError(async () => {
      const config = args.id === undefined ? commandConfig(args.config) : storeConfig(args.config);
      const { request } = args;
      const prompt = args._.length === 0 ? undefined : args._.join(' ');
      const [result, text] =
        args.id === undefined
          ? await explainPrompt(callOf(await bodyOf(prompt, request), request), config, args)
          : await explainRecorded(args.id, config);
      process.stdout.write(`${args.json ? JSON.stringify(result, null, 2) : text}\n`);
    }),
});

interface Under {
  readonly key?: string | undefined;
  /** In place of the configured one, and of the key's own. */
  readonly policy?: string | undefined;
}

async function explainPrompt(
  call: Call,
  config: Config,
  { key, policy }: Under,
): Promise<[object, string]> {
  const named = key === undefined ? undefined : await askerNamed(key, config);
  const asker = policy === undefined ? named : withoutOwn(named);
  const under = policy === undefined ? config : { ...config, policy };
  const judge = await startJudge(under, { env: process.env, asker });
  const judged = await judge(call);
  const result = explanation(judged);
  return [result, formatExplanation(result, judged.signals)];
}

function withoutOwn(asker: Asker | undefined): Asker | undefined {
  if (asker === undefined) return undefined;
  const { policy: _, ...caller } = asker.caller;
  return { caller };
}

async function explainRecorded(id: string, config: Config): Promise<[object, string]> {
  const record = await decidedRecord(id, config);
  const { known, signals } = await openReplay(config, process.env);
  const policy = known.find(({ version }) => version === record.decision.policy.version);
  const result = explainRecord(record, policy);
  return [result, formatRecordExplanation(result, signals)];
}

/** @throws Error when there is no such record, or it has no decision */
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

/** @throws Error that names the file that the body was read from, if any */
function callOf(body: Buffer, file: string | undefined): Call {
  try {
    return chatCall(body);
  } catch (error) {
    if (file === undefined || !(error instanceof GatewayError)) throw error;
    throw new Error(`${file}: ${error.message}`, { cause: error });
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
