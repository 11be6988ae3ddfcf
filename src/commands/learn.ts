/** `learn`: reads audits out of the ledger and writes a candidate policy, where that is better than what is in force. */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { defineCommand } from 'citty';
import { parseDocument } from 'yaml';
import { openForReading, thresholdsWith } from '../offline.ts';
import { labelReader } from '../analysis/labels.ts';
import { learn, type Learnt, type Settings } from '../analysis/learn.ts';
import type { Config } from '../config/config.ts';
import type { Feedback } from '../core/store.ts';
import { findPolicy } from '../policy/shipped.ts';
import { loadPolicy } from '../policy/load.ts';
import { judgeInForce } from '../signals/complexity/index.ts';
import { signalNames } from '../signals/index.ts';
import { upstreamsOf } from './check.ts';
import { storeConfig } from './command-config.ts';
import { exitOnError } from './exit-on-error.ts';
import { duration } from './parse-options.ts';
import { eachRecord } from './report-records.ts';

export const learnCommand = defineCommand({
  meta: {
    name: 'learn',
    description: 'A candidate policy out of audits and feedback, where it is better',
  },
  args: {
    since: { type: 'string', default: '90d', description: 'Not older than this: 30d, 12w' },
    records: { type: 'string', description: 'A file of records, not the ledger' },
    config: { type: 'string', description: 'The configuration (smallfirst.yaml of this folder)' },
    'worse-usd': {
      type: 'string',
      default: '0.01',
      description: 'What an answer costs you that is worse than the large model’s',
    },
    out: { type: 'string', description: 'The candidate (default: <policy>.candidate.yaml here)' },
    json: { type: 'boolean', description: 'As JSON' },
  },
  run: ({ args }) =>
    exitOnError(async () => {
      const config = storeConfig(args.config);
      const source = findPolicy(config.policy, config.baseDir);
      const policy = loadPolicy(source, {
        upstreams: upstreamsOf(config),
        signals: signalNames,
        judgeInForce,
        thresholdFor: thresholdsWith(config.judge.deep),
      });
      const judge = judgeInForce().version;
      const reader = labelReader(judge);
      const sinceMs = Date.now() - duration('since', args.since);
      await eachRecord(config, { records: args.records, sinceMs }, (record) => reader.add(record));
      if (args.records === undefined) await eachFeedback(config, sinceMs, reader.feedback);
      const { labels, savedUsd } = reader.result();
      const inForce = {
        complexityBelow: policy.threshold.value,
        wrongAbove: policy.verify?.wrongAbove ?? 1,
        ...(policy.learned && { learned: policy.learned }),
      };
      const worseUsd = dollars(args['worse-usd']);
      const learnt = learn(labels, inForce, { savedUsd, worseUsd }, judge);
      const file = args.out ?? `${policy.name}.candidate.yaml`;
      if (learnt.kind === 'better')
        writeFileSync(file, candidateText(readSource(source), learnt.candidate));
      const text = args.json ? JSON.stringify(learnt, null, 2) : told(learnt, basename(file));
      process.stdout.write(`${text}\n`);
    }),
});

async function eachFeedback(
  { store }: Config,
  sinceMs: number,
  take: (feedback: Feedback) => void,
): Promise<void> {
  const ledger = openForReading(store);
  try {
    (await ledger.feedbackSince(sinceMs)).forEach(take);
  } finally {
    await ledger.close();
  }
}

function dollars(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`--worse-usd must be an amount above 0, not "${text}".`);
  return value;
}

const readSource = ({ text, file }: { readonly text?: string; readonly file: string }): string =>
  text ?? readFileSync(file, 'utf8');

/** The same policy with what was learned, as a canary: comments stay. */
export function candidateText(
  text: string,
  { complexityBelow, wrongAbove, learned }: Settings,
): string {
  const document = parseDocument(text);
  document.set('mode', document.createNode({ canary: 0.1 }));
  document.set('objective', document.createNode({ complexityBelow }));
  if (document.has('verify')) document.setIn(['verify', 'wrongAbove'], wrongAbove);
  if (learned !== undefined) {
    document.set('learned', document.createNode(learned));
    document.setIn(['learned', 'weights'], document.createNode(learned.weights, { flow: true }));
  }
  if (!document.has('guards')) document.set('guards', document.createNode({ errorRate: 0.05 }));
  // no line is folded: conditions stay as they were written, and weights are one line
  return document.toString({ lineWidth: 0 });
}

const figures = ({ complexityBelow, wrongAbove, learned }: Settings): string =>
  `complexity below ${complexityBelow.toFixed(2)}, wrongAbove ${wrongAbove.toFixed(2)}${learned === undefined ? '' : `, the judge corrected by ${learned.weights.length} weights`}`;

const usd = (value: number): string => value.toFixed(6);

function told(learnt: Learnt, file: string): string {
  if (learnt.kind === 'too-few')
    return `${learnt.labels} labels; a candidate needs ${learnt.needed}. Nothing was written.`;
  const { labels, weak, seen, tested, candidate, inForce, gainUsd, kind } = learnt;
  return [
    `${labels} labels: ${labels - weak} audits, the last ${tested} of them for the test, and ${weak} weak ones (feedback, signs, checks, shadows)`,
    `${seen} of them with what the judge saw (store.features)`,
    `in force    ${figures(inForce)}`,
    `candidate   ${figures(candidate)}`,
    `gain        ${usd(gainUsd.estimate)} USD a request, ${usd(gainUsd.low)} to ${usd(gainUsd.high)}`,
    kind === 'better'
      ? `Written to ${file} as a canary of 0.1 with a guard. Try it: smallfirst simulate --policy ${file}; then smallfirst policy activate ${file}. Back: smallfirst policy rollback.`
      : 'The interval holds 0: what is in force stays, and nothing was written.',
  ].join('\n');
}
