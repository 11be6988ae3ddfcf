/** `learn` on a ledger that keeps what the judge saw: this installation's small model fails at one matter, and is good at another. */
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from 'citty';
import { afterEach, expect, test, vi } from 'vitest';
import { thresholdFor } from '../src/assembly/threshold.ts';
import { learnCommand } from '../src/commands/learn.ts';
import type { UsageRecord } from '../src/core/record.ts';
import { bareFacts, type Reading, type Signal } from '../src/core/signal.ts';
import { seededRandom } from '../src/lib/random.ts';
import { loadPolicy } from '../src/policy/load.ts';
import { complexity, judgeInForce } from '../src/signals/complexity/index.ts';
import { signalNames } from '../src/signals/index.ts';
import { anAttempt, aRecord } from './support/record.ts';

const folders: string[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

/** Easy for the judge, both; the small model of this installation knows nothing of plants. */
const PLANTS = ['tulips', 'a lemon tree', 'ferns', 'roses', 'an orchid', 'moss', 'ivy', 'a cactus'];
const TRIPS = ['Lisbon', 'Oslo', 'Rome', 'Vienna', 'Porto', 'Ghent', 'Bergen', 'Cork'];
const ASKED = [
  (what: string) => `How often should I water ${what} in summer?`,
  (what: string) => `Why do the leaves of ${what} turn yellow?`,
  (what: string) => `When is the best time to plant ${what} in a garden?`,
];
const TRAVELLED = [
  (where: string) => `Which train goes from the airport to the centre of ${where}?`,
  (where: string) => `How many days should I stay in ${where} with children?`,
  (where: string) => `Which museum in ${where} is open on Mondays?`,
];
const plants = PLANTS.flatMap((what) => ASKED.map((ask) => ask(what)));
const trips = TRIPS.flatMap((where) => TRAVELLED.map((ask) => ask(where)));

function judged(signal: Signal, text: string): Extract<Reading, { kind: 'score' }> {
  const turns = [{ role: 'user', text } as const];
  const reading = signal.evaluate({ facts: bareFacts('chat'), turns, task: text });
  if (reading instanceof Promise || reading.kind !== 'score') throw new Error('not judged');
  return reading;
}

/** An answer of the small model and its audit, each `count` times. */
function ledger(count: number, seed: number): readonly UsageRecord[] {
  const random = seededRandom(seed);
  const signal = complexity({ givesSeen: true });
  return Array.from({ length: count }, (_, at) => {
    const isPlant = random() < 0.5;
    const texts = isPlant ? plants : trips;
    const reading = judged(signal, texts[Math.floor(random() * texts.length)]!);
    const compared = random() < (isPlant ? 0.7 : 0.03) ? 'worse' : 'same';
    const id = `req_${at}`;
    const about = { atMs: Date.now() - 86_400_000 + at, readings: { complexity: reading } };
    return [
      aRecord({ id, ...about, baselineNanoUsd: 2_000_000, attempts: [anAttempt()] }),
      aRecord({
        id: `${id}_audit`,
        ...about,
        shadowOf: id,
        attempts: [],
        audit: { compared, by: 'judge', propensity: 0.1 },
      }),
    ];
  }).flat();
}

const POLICY = `name: mine
objective: { complexityBelow: 0.6 }
targets: { small: { upstream: local }, large: { upstream: cloud } }
`;

async function learnt(records: readonly UsageRecord[]): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'smallfirst-learn-'));
  folders.push(folder);
  const at = (name: string): string => join(folder, name);
  await writeFile(at('policy.yaml'), POLICY);
  await writeFile(at('smallfirst.yaml'), 'policy: ./policy.yaml\nstore: { kind: memory }\n');
  await writeFile(at('records.jsonl'), records.map((one) => JSON.stringify(one)).join('\n'));
  // what the command prints
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const files = ['--config', at('smallfirst.yaml'), '--records', at('records.jsonl')];
  await runCommand(learnCommand, { rawArgs: [...files, '--out', at('candidate.yaml'), '--json'] });
  return existsSync(at('candidate.yaml'))
    ? await readFile(at('candidate.yaml'), 'utf8')
    : undefined;
}

test('the candidate sends what the small model fails at to the large one, and keeps the rest', async () => {
  const records = ledger(1200, 3);
  const text = await learnt(records);
  const context = { upstreams: undefined, signals: signalNames, thresholdFor, judgeInForce };
  const policy = loadPolicy({ text: text!, file: 'candidate.yaml' }, context);
  expect(policy).toMatchObject({ mode: { canary: 0.1 }, guards: { errorRate: 0.05 } });
  const signal = complexity({ learned: policy.learned });
  const smallShare = (texts: readonly string[]): number =>
    texts.filter((one) => judged(signal, one).score < policy.threshold.value).length / texts.length;
  expect(smallShare(plants)).toBeLessThan(0.2);
  expect(smallShare(trips)).toBeGreaterThan(0.8);
  expect(await learnt(records)).toBe(text);
});

test('nothing is written where too little is known', async () => {
  expect(await learnt(ledger(200, 4))).toBeUndefined();
});
