/**
 * Reads labelled prompts: a folder of `*.jsonl` or `*.jsonl.gz`, one object a line. Members that are read:
 * `messages` (OpenAI's shape), `weak_score` and `strong_score` (0..1: how good the small and the large
 * model's answers were), `scores` (the same for more models, by name), `bench` (the source: held out as a
 * whole in the evaluation), `need` (0..100: rated, how likely a small model's answer would not do), `lang`, `label_kind` and `tier`. Only `messages` and one label are required. A
 * log in this form trains a model for another pair.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import type { Turn } from '../core/signal.ts';

export interface Row {
  readonly id: string;
  readonly bench: string;
  /** Benchmarks that share questions are held out together. */
  readonly family: string;
  readonly domain: string;
  /** Task family, `''` where nobody said. */
  readonly task: string;
  readonly lang: string;
  readonly kind: string;
  readonly tier: string;
  readonly turns: readonly Turn[];
  /** Measured scores of the pair, 0..1; `undefined` = not measured. */
  readonly small: number | undefined;
  readonly large: number | undefined;
  /** Scores of every measured model: name and score. */
  readonly scores: readonly (readonly [model: string, score: number])[];
  /** Rated, not measured: the probability, 0..1, that a good 3-4B model's answer would not do. */
  readonly need: number | undefined;
  /** The scores are from loosely formatted answers. */
  readonly noisy: boolean;
}

export interface Dataset {
  readonly rows: readonly Row[];
  /** SHA-256 over the files' names and contents, in order of name: 64 hex digits. */
  readonly hash: string;
}

/** The same questions under several names. */
const FAMILIES: Readonly<Record<string, string>> = {
  arc_challenge: 'arc',
  arc_easy: 'arc',
  human_eval: 'humaneval',
  humanevalpack_js: 'humaneval',
  math_l5: 'math',
  math_prealgebra: 'math',
  math_level: 'math',
};

const ROLES: Readonly<Record<string, Turn['role']>> = {
  system: 'system',
  developer: 'system',
  assistant: 'assistant',
  tool: 'tool',
};

/** Folder of the training data, from `SMALLFIRST_ROUTING_DATA`; `undefined` if that is not set or does not exist. */
export function dataFolder(env: NodeJS.ProcessEnv): string | undefined {
  const folder = env['SMALLFIRST_ROUTING_DATA'];
  if (folder === undefined) return undefined;
  const inside = join(folder, 'train');
  if (existsSync(inside)) return inside;
  return existsSync(folder) ? folder : undefined;
}

/** Reads every row of a folder, in order of file name and line. @throws Error for a line that is not a labelled prompt */
export function readDataset(folder: string): Dataset {
  const hash = createHash('sha256');
  const rows: Row[] = [];
  const files = readdirSync(folder).filter((file) => /\.jsonl(\.gz)?$/.test(file));
  if (files.length === 0) {
    throw new Error(
      `${folder} holds no .jsonl or .jsonl.gz file: give the folder of labelled prompts`,
    );
  }
  for (const file of files.toSorted()) {
    const bytes = readFileSync(join(folder, file));
    hash.update(file).update(bytes);
    const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
    text.split('\n').forEach((line, at) => {
      if (line.trim() !== '') rows.push(readRow(line, `${file}:${at + 1}`));
    });
  }
  return { rows, hash: hash.digest('hex') };
}

const share = z.number().min(0).max(1);
const LINE = z.object({
  id: z.string().optional(),
  bench: z.string().default('own'),
  domain: z.string().nullish(),
  task: z.string().nullish(),
  lang: z.string().nullish(),
  label_kind: z.string().default('measured'),
  tier: z.string().nullish(),
  messages: z.array(z.object({ role: z.string(), content: z.string().nullable() })).min(1),
  weak_score: share.nullish(),
  strong_score: share.nullish(),
  scores: z.record(z.string(), share.nullable()).nullish(),
  need: z.number().min(0).max(100).nullish(),
});

function readRow(line: string, place: string): Row {
  const read = LINE.safeParse(parse(line, place));
  if (!read.success) throw new Error(`${place}: ${z.prettifyError(read.error)}`);
  const {
    id,
    bench,
    domain,
    lang,
    label_kind,
    tier,
    messages,
    weak_score,
    strong_score,
    scores,
    need,
  } = read.data;
  const name = bench.replace(/^ulab_/, '');
  const measured = Object.entries(scores ?? {}).filter((entry) => entry[1] !== null);
  return {
    id: id ?? place,
    bench,
    family: FAMILIES[name] ?? name,
    domain: domain ?? '',
    task: read.data.task ?? '',
    lang: lang ?? 'en',
    kind: label_kind,
    tier: tier ?? '',
    turns: messages.map(({ role, content }) => ({
      role: ROLES[role] ?? 'user',
      text: content ?? '',
    })),
    small: weak_score ?? undefined,
    large: strong_score ?? undefined,
    scores: measured.map(([model, value]) => [model, value ?? 0]),
    need: need == null ? undefined : need / 100,
    noisy: bench.startsWith('ulab_'),
  };
}

function parse(line: string, place: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new Error(`${place}: not JSON; each line is one JSON object`);
  }
}
