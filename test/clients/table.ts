/**
 * Writes the table of clients in `README.md` from the JSON report of a run:
 * `node test/clients/table.ts REPORT.json…`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const FOLDER = import.meta.dirname;
const START = '<!-- table.ts writes what follows -->';
const END = '<!-- to here -->';

interface Row {
  readonly client: string;
  /** Where its version is pinned, and the names of its packages there. */
  readonly pinned: readonly [file: string, ...packages: string[]];
  /** The beginning of the names of its suites: files of vitest or of pytest. */
  readonly suites: readonly string[];
}

const TYPESCRIPT = 'package.json';
const PYTHON = 'python/requirements.txt';
const LLAMAINDEX = 'python/requirements-llamaindex.txt';
const SERVER = 'real/requirements.txt';

const ROWS: readonly Row[] = [
  { client: 'OpenAI SDK', pinned: [TYPESCRIPT, 'openai'], suites: ['openai-'] },
  { client: 'Anthropic SDK', pinned: [TYPESCRIPT, '@anthropic-ai/sdk'], suites: ['anthropic.'] },
  { client: 'Vercel AI SDK', pinned: [TYPESCRIPT, 'ai'], suites: ['ai-sdk.'] },
  { client: 'LangChain', pinned: [TYPESCRIPT, '@langchain/openai'], suites: ['langchain.'] },
  {
    client: 'LlamaIndex',
    pinned: [TYPESCRIPT, '@llamaindex/openai'],
    suites: ['llamaindex.test.ts'],
  },
  {
    client: 'Instructor',
    pinned: [TYPESCRIPT, '@instructor-ai/instructor'],
    suites: ['instructor.'],
  },
  { client: 'OpenAI Agents SDK', pinned: [TYPESCRIPT, '@openai/agents'], suites: ['agents.'] },
  { client: 'Python: OpenAI', pinned: [PYTHON, 'openai'], suites: ['test_openai_'] },
  { client: 'Python: Anthropic', pinned: [PYTHON, 'anthropic'], suites: ['test_anthropic'] },
  {
    client: 'Python: LangChain',
    pinned: [PYTHON, 'langchain-openai', 'langchain-anthropic'],
    suites: ['test_langchain'],
  },
  { client: 'Python: LiteLLM', pinned: [PYTHON, 'litellm'], suites: ['test_litellm'] },
  {
    client: 'Python: LlamaIndex',
    pinned: [LLAMAINDEX, 'llama-index-llms-openai', 'llama-index-llms-openai-like'],
    suites: ['test_llamaindex'],
  },
  {
    client: "llama.cpp's server behind the gateway",
    pinned: [SERVER, 'xllamacpp'],
    suites: ['llama-cpp-server.'],
  },
];

/** The version of each row's packages, as pinned now. */
export function versions(): ReadonlyMap<string, string> {
  return new Map(
    ROWS.map(({ client, pinned: [file, ...packages] }) => [
      client,
      packages.map((name) => versionOf(file, name)).join(', '),
    ]),
  );
}

function versionOf(file: string, name: string): string {
  const text = readFileSync(join(FOLDER, file), 'utf8');
  const escaped = name.replaceAll(/[/-]/g, '\\$&');
  const pattern = file === TYPESCRIPT ? `"${escaped}": "([^"]+)"` : `^${escaped}==(\\S+)$`;
  const found = new RegExp(pattern, 'm').exec(text)?.[1];
  if (found === undefined) throw new Error(`${file} pins no version of ${name}.`);
  return found;
}

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[];
      readonly status: string;
    }[];
  }[];
}

interface Case {
  readonly suite: string;
  readonly status: string;
}

/** Python's cases stand under the name of their pytest file. */
function casesOf(report: Report): readonly Case[] {
  return report.testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.map(({ ancestorTitles: [first = ''], status }) => ({
      suite: first.endsWith('.py') ? first : basename(name),
      status,
    })),
  );
}

/** A row for each client that the reports hold; cases that were skipped are not counted. */
export function table(reports: readonly Report[]): string {
  const cases = reports.flatMap(casesOf).filter(({ status }) => status !== 'skipped');
  const version = versions();
  const rows = ROWS.map(({ client, suites }) => {
    const own = cases.filter(({ suite }) => suites.some((start) => suite.startsWith(start)));
    const passed = own.filter(({ status }) => status === 'passed').length;
    return `| ${client} | ${version.get(client)} | ${own.length} | ${passed} |`;
  });
  return ['| client | version | cases | passed |', '|---|---|---|---|', ...rows].join('\n');
}

/** The table in the README, without the lines around it. */
export function writtenTable(): string {
  const text = readFileSync(join(FOLDER, 'README.md'), 'utf8');
  return text.slice(text.indexOf(START) + START.length, text.indexOf(END)).trim();
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const reports = process.argv
    .slice(2)
    .map((file) => JSON.parse(readFileSync(file, 'utf8')) as Report); // vitest's
  const file = join(FOLDER, 'README.md');
  const text = readFileSync(file, 'utf8');
  const [before = '', after = ''] = [text.split(START)[0], text.split(END)[1]];
  writeFileSync(file, `${before}${START}\n\n${table(reports)}\n\n${END}${after}`);
}
