/** `calibrate`: measures what a small model can do, and how far its confidence can be trusted; writes its competence card. */
import { readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { defineCommand } from 'citty';
import { buildModel, buildUpstream, cardFolder, judgeFile, openMetering } from '../offline.ts';
import { calibrate } from '../competence/calibrate.ts';
import { goldenSet, type GoldenItem } from '../competence/golden-set.ts';
import { judgePairs } from '../competence/judge-pairs.ts';
import { measureJudge } from '../competence/measure-judge.ts';
import { readGolden } from '../competence/read-golden.ts';
import type { JudgeCard } from '../core/audit.ts';
import type { CompetenceCard } from '../core/competence.ts';
import type { Upstream } from '../core/upstream.ts';
import { engineSettings, engineStore } from '../models/engine.ts';
import { weakness } from '../quality/auditor.ts';
import { upstreamKinds } from '../upstreams/index.ts';
import { cardSheet } from './card-sheet.ts';
import { chatCall } from '../http/chat-call.ts';
import { commandConfig } from './command-config.ts';
import { exitOnError } from './exit-on-error.ts';
import { makeFolder } from '../lib/make-folder.ts';

export const calibrateCommand = defineCommand({
  meta: {
    name: 'calibrate',
    description: 'Measures a small model, and writes its competence card',
  },
  args: {
    model: { type: 'string', description: 'A name from `models list`, or a GGUF file' },
    upstream: { type: 'string', description: 'A configured upstream instead' },
    config: { type: 'string', description: 'The configuration (smallfirst.yaml of this folder)' },
    golden: { type: 'string', description: 'Your own golden set, one JSON item a line' },
    quick: {
      type: 'boolean',
      description: 'A fifth of the items (too few to judge by confidence)',
    },
    judge: {
      type: 'boolean',
      description: 'How far the model can be trusted to compare answers, for audits',
    },
    out: { type: 'string', description: 'Where the card goes (default: beside the models)' },
    json: { type: 'boolean', description: 'The card as JSON' },
  },
  run: ({ args }) =>
    exitOnError(async () => {
      const upstream = await upstreamOf(args);
      const stop = new AbortController();
      const interrupt = (): void => stop.abort(new Error(STOPPED));
      process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
      try {
        process.stdout.write(`${await sheetOf(upstream, args, stop.signal)}\n`);
      } finally {
        process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
        await upstream.close();
      }
    }),
});

const STOPPED = 'Stopped. What was graded is kept: the same command goes on from there.';

async function sheetOf(
  upstream: Upstream,
  args: Args & { readonly json?: boolean | undefined },
  abort: AbortSignal,
): Promise<string> {
  if (args.judge === true) {
    const card = await judgeMeasured(upstream, args, abort);
    return args.json === true ? JSON.stringify(card, null, 2) : judgeSheet(card);
  }
  const card = await measured(upstream, args, abort);
  return args.json === true ? JSON.stringify(card, null, 2) : cardSheet(card);
}

async function judgeMeasured(
  upstream: Upstream,
  { out }: Args,
  abort: AbortSignal,
): Promise<JudgeCard> {
  const { model } = upstream.facts();
  const card = await measureJudge({
    upstream,
    model,
    pairs: judgePairs(),
    measuredAt: new Date().toISOString(),
    toCall: chatCall,
    abort,
    onProgress: (done, of) => process.stderr.write(`\r${done} of ${of} pairs judged`),
  });
  const file = out ?? join(cardFolder(process.env, homedir()), judgeFile(model));
  makeFolder(dirname(file));
  await writeFile(file, `${JSON.stringify(card, null, 2)}\n`);
  process.stderr.write(`\nThe card is in ${file}\n`);
  return card;
}

function judgeSheet(card: JudgeCard): string {
  const { model, sensitivity, specificity } = card;
  const problem = weakness(card);
  return [
    `${model} as a judge of answers, 200 pairs whose better half is known`,
    `  damaged answers found     ${sensitivity.right} of ${sensitivity.of}`,
    `  good answers let stand    ${specificity.right} of ${specificity.of}`,
    problem === undefined ? '  audits may use it' : `  audits refuse it: ${problem}`,
  ].join('\n');
}

interface Args {
  readonly model?: string | undefined;
  readonly upstream?: string | undefined;
  readonly config?: string | undefined;
  readonly golden?: string | undefined;
  readonly quick?: boolean | undefined;
  readonly judge?: boolean | undefined;
  readonly out?: string | undefined;
}

async function upstreamOf({ model, upstream, config }: Args): Promise<Upstream> {
  if ((model === undefined) === (upstream === undefined))
    throw new Error('Say what to measure: --model with a name or a file, or --upstream.');
  if (model !== undefined)
    return await buildModel(model, { env: process.env, kinds: upstreamKinds });
  return await buildUpstream(commandConfig(config), upstream ?? '', {
    env: process.env,
    kinds: upstreamKinds,
  });
}

async function measured(
  upstream: Upstream,
  args: Args,
  abort: AbortSignal,
): Promise<CompetenceCard> {
  const items = await itemsOf(args);
  const { ok, detail } = await upstream.probe(abort);
  if (!ok) throw new Error(`${upstream.name} does not answer: ${detail.replace(/\.$/, '')}.`);
  const { model } = upstream.facts();
  const name = basename(model).replaceAll(/[^\w.-]/g, '-');
  const out = args.out ?? join(cardFolder(process.env, homedir()), `${name}.card.json`);
  makeFolder(dirname(out));
  const metering = await openMetering(commandConfig(args.config), upstreamKinds);
  const target = {
    tier: 'small',
    upstream: upstream.name,
    model,
    locality: upstream.locality,
  } as const;
  const card = await calibrate({
    startMeter: () => metering.start(target),
    upstream,
    model,
    items,
    setName: setNameOf(args),
    engine: engineOf(upstream, detail),
    partFile: `${out}.part`,
    measuredAt: new Date().toISOString(),
    toCall: chatCall,
    nowMs: () => performance.now(),
    abort,
    onProgress: progress,
  }).finally(() => metering.close());
  await writeFile(out, `${JSON.stringify(card, null, 2)}\n`);
  process.stderr.write(`\nThe card is in ${out}\n`);
  return card;
}

/** The embedded engine's version; what a server says that it is. */
function engineOf({ kind }: Upstream, detail: string): string {
  if (kind !== 'llama-cpp') return `${kind} (${detail})`;
  const version = engineStore(engineSettings(process.env, homedir())).version();
  return version === undefined ? kind : `${kind} (${version})`;
}

async function itemsOf({ golden, quick }: Args): Promise<readonly GoldenItem[]> {
  if (golden === undefined) return goldenSet({ quick: quick === true });
  return readGolden(await readFile(golden, 'utf8'));
}

function setNameOf({ golden, quick }: Args): string {
  if (golden !== undefined) return basename(golden);
  return quick === true ? 'shipped, quick' : 'shipped';
}

function progress(done: number, of: number, right: number): void {
  process.stderr.write(`\r${done} of ${of} asked, ${right} right`);
}
