/** The known models as text, in 100 columns: one line a model, grouped by how to get it. */
import type { ModelEntry } from '../models/list.ts';
import { digits, range } from './format-numbers.ts';

const GROUPS: readonly (readonly [title: string, has: (entry: ModelEntry) => boolean])[] = [
  ['Fetched by `models pull`, or when needed (kind: llama-cpp, model: NAME)', isFetched],
  [
    'Served under their Ollama tag, or from your own GGUF file',
    (entry) => isChat(entry) && entry.ollamaTag !== undefined,
  ],
  [
    'Served from your own GGUF file, or by vLLM',
    (entry) => isChat(entry) && entry.ollamaTag === undefined,
  ],
  ['Completions only (/v1/completions), from your own GGUF file', isCompletion],
  ['Cannot be served', ({ operations }) => operations.length === 0],
];

function isFetched({ download }: ModelEntry): boolean {
  return download !== undefined;
}

function isChat({ operations, download }: ModelEntry): boolean {
  return download === undefined && operations.includes('chat');
}

function isCompletion({ operations, download }: ModelEntry): boolean {
  return download === undefined && operations.length > 0 && !operations.includes('chat');
}

const HEAD = ['name', 'params', 'file', 'memory', 'window', 'MMLU', 'J/token', 'licence', ''];

export function modelsTable(entries: readonly ModelEntry[]): string {
  const groups = GROUPS.map(([title, has]) => ({ title, rows: entries.filter(has).map(cellsOf) }));
  const widths = HEAD.map((head, column) =>
    Math.max(head.length, ...groups.flatMap(({ rows }) => rows.map((row) => row[column]!.length))),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd();
  return [
    line(HEAD),
    ...groups
      .filter(({ rows }) => rows.length > 0)
      .flatMap(({ title, rows }) => ['', title].concat(rows.map(line))),
    '',
    ...NOTES,
  ].join('\n');
}

const NOTES: readonly string[] = [
  'file: Q4_K_M, or as `models show` says; ~ estimated. memory: GB in use, up to 8k of window.',
  'J/token: measured on data-centre GPUs, many requests at once. * conditions, ! not commercial.',
  '`models show NAME` shows all details of one model, with sources; --json those of all.',
];

function cellsOf(entry: ModelEntry): readonly string[] {
  const { name, download, parametersB, contextTokens, memoryGb, mmlu, jPerOutputToken } = entry;
  const energy =
    jPerOutputToken === null
      ? ''
      : `${digits(jPerOutputToken.low, 2)}..${digits(jPerOutputToken.high, 2)}`;
  return [
    download ?? name,
    `${digits(parametersB, 3)} B`,
    fileSize(entry),
    memoryGb === undefined ? '' : memoryGb.toFixed(1),
    `${Math.round(contextTokens / 1024)}k`,
    mmlu === undefined ? '' : digits(mmlu.percent, 3),
    energy,
    `${entry.licence.name}${MARK[entry.licence.commercial]}`,
    entry.isHere === true ? 'here' : '',
  ];
}

const MARK = { yes: '', conditions: ' *', no: ' !' } as const;

function fileSize({ fileBytes, fileIsEstimated }: ModelEntry): string {
  if (fileBytes === undefined) return '';
  return `${fileIsEstimated === true ? '~' : ''}${(fileBytes / 1e9).toFixed(2)} GB`;
}

/** All details of one model. */
export function modelSheet(entry: ModelEntry): string {
  const { title, name, licence, parametersB, contextTokens, languages, kind, template } = entry;
  const limits = licence.limits === undefined ? '' : `; ${licence.limits}`;
  const rows: readonly (readonly [string, string])[] = [
    ['use', entry.use],
    ['good for', entry.strengths],
    ['answers', entry.operations.map((one) => ANSWERS[one]).join(', ') || 'nothing'],
    ['kind', kind === 'reasoning' ? 'reasons first; its reasoning is output too' : kind],
    ['parameters', `${parametersB} billion`],
    ['window', `${contextTokens.toLocaleString('en')} tokens as trained`],
    ['languages', languages],
    ['file', `${fileSize(entry) || 'size not known'}, ${entry.quantisation}${sizeBasis(entry)}`],
    [
      'memory',
      entry.memoryGb === undefined ? 'not known' : `${entry.memoryGb} GB with up to 8k of window`,
    ],
    [
      'template',
      `${template ?? 'none published'}${entry.templateIsGiven === true ? ' (supplied by Smallfirst: its file has none)' : ''}`,
    ],
    ['served by', servedBy(entry)],
    [
      'licence',
      `${licence.name}${licence.commercial === 'no' ? ', not commercial' : ''}${limits}${entry.gated === true ? '; to be accepted on the hub before a download' : ''}`,
    ],
    [
      'MMLU',
      entry.mmlu === undefined
        ? 'no verified figure'
        : `${entry.mmlu.percent} % (${entry.mmlu.setting})`,
    ],
    ...(entry.energy ?? [{ hardware: '' as const }]).map(energyRow),
    ...entry.sources.map((source) => ['source', source] as const),
  ];
  const lines = rows.map(([label, value]) => `${label.padEnd(12)}${value}`);
  return [`${title} (${name})`, '', ...lines].join('\n');
}

const ANSWERS = { chat: '/v1/chat/completions', text_completion: '/v1/completions' } as const;

function sizeBasis({ fileIsMeasured, fileIsEstimated, fileBytes }: ModelEntry): string {
  if (fileBytes === undefined || fileIsMeasured === true) return '';
  return fileIsEstimated === true
    ? ' (estimated from similar models)'
    : ' (computed from its architecture)';
}

function servedBy({ servers: { llamaCpp, ollama, vllm } }: ModelEntry): string {
  const names = [
    ...(llamaCpp ? ['this process', 'llama.cpp'] : []),
    ...(ollama === 'library' ? ['Ollama'] : []),
    ...(ollama === 'import' ? ['Ollama (import of a GGUF)'] : []),
    ...(vllm ? ['vLLM'] : []),
  ];
  return names.join(', ') || 'nothing';
}

type Energy = NonNullable<ModelEntry['energy']>[number];

function energyRow(energy: Energy | { readonly hardware: '' }): readonly [string, string] {
  if (!('batch' in energy)) return ['energy', 'no measurement is known'];
  const { hardware, run, batch, jPerOutputToken } = energy;
  return [
    'energy',
    `${range(...jPerOutputToken, 'J')} a token on ${hardware}, ${batch.join(' to ')} at once (ML.ENERGY ${run})`,
  ];
}
