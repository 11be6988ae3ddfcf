/**
 * Runs pytest files against two gateways between mock upstreams, and makes each of their cases a case of vitest, so that
 * they are counted and reported with the others.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isObject, type Json } from '../../../src/lib/json.ts';
import { conforms } from '../../support/openai-schemas.ts';
import type { MockRequest } from '../../support/mock-upstream.ts';
import { pythonEnvironment, run } from './python-environment.ts';
import { isGateway, seesUpstreams, startTarget, type Target } from './target.ts';

const FOLDER = join(import.meta.dirname, '../python');

export interface PythonSuite {
  /** Of the virtual environment. */
  readonly name: string;
  /** In `test/clients/python`. */
  readonly requirements: string;
  /** Run at the same time, each with gateways of its own. */
  readonly sessions: readonly (readonly string[])[];
}

interface Case {
  readonly id: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  readonly message: string;
}

/** Declares the cases of a suite. Without Python they are one skipped case that says so, on CI one that fails. */
export async function declarePythonSuite(suite: PythonSuite): Promise<void> {
  const cases =
    isGateway && seesUpstreams
      ? await casesOf(suite)
      : 'the Python suites look at the upstreams of a gateway of their own';
  if (typeof cases === 'string') return declareMissing(suite, cases);
  for (const file of new Set(cases.map(({ id }) => fileOf(id))))
    describe(file, () => {
      for (const one of cases.filter(({ id }) => fileOf(id) === file)) declare(one);
    });
}

const fileOf = (id: string): string => basename(id.split('::')[0] ?? id);

function declare({ id, outcome, message }: Case): void {
  const name = id.split('::').slice(1).join(' ') || 'is collected';
  if (outcome === 'skipped') test.skip(name, () => {});
  else test(name, () => expect(outcome, message).toBe('passed'));
}

function declareMissing({ name }: PythonSuite, why: string): void {
  const title = `Python clients (${name})`;
  if (process.env['CI'] !== undefined && isGateway && seesUpstreams)
    test(title, () => expect.fail(`On CI these suites must run, but ${why}.`));
  else {
    process.stderr.write(`\n*** SKIPPED: ${title}: ${why}. ***\n\n`);
    test.skip(`${title}: ${why}`, () => {});
  }
}

async function casesOf(suite: PythonSuite): Promise<readonly Case[] | string> {
  const environment = await pythonEnvironment(
    join(FOLDER, suite.requirements),
    join(FOLDER, '.venv', suite.name),
  );
  if (environment.missing !== undefined) return environment.missing;
  const { python } = environment;
  return (await Promise.all(suite.sessions.map((files) => sessionOf(python, files)))).flat();
}

async function sessionOf(python: string, files: readonly string[]): Promise<readonly Case[]> {
  const targets = [await startTarget(), await startTarget({ localWithout: ['/responses'] })];
  const arrivals = await serveArrivals(targets);
  const folder = await mkdtemp(join(tmpdir(), 'smallfirst-python-'));
  const results = join(folder, 'results.jsonl');
  try {
    const [target, mixed] = targets;
    const args = ['-m', 'pytest', '-q', ...files];
    const { status, output } = await run(python, args, {
      cwd: FOLDER,
      env: {
        // Else it fetches its list of prices at its import.
        LITELLM_LOCAL_MODEL_COST_MAP: 'True',
        SMALLFIRST_URL: target?.url ?? '',
        SMALLFIRST_MIXED_URL: mixed?.url ?? '',
        SMALLFIRST_ARRIVED_URL: arrivals.url,
        SMALLFIRST_RESULTS: results,
      },
    });
    const cases = await readCases(results);
    const isExplained = status === 0 || cases.some(({ outcome }) => outcome === 'failed');
    const ended: Case = { id: 'pytest::ends', outcome: 'failed', message: output };
    return isExplained && cases.length > 0 ? cases : [...cases, ended];
  } finally {
    arrivals.close();
    await Promise.all(targets.map((one) => one.close()));
    await rm(folder, { recursive: true, force: true });
  }
}

async function readCases(file: string): Promise<readonly Case[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as Case); // written by `conftest.py`
}

/** Serves what reached the upstreams of a gateway: `GET /?gateway=URL`. */
async function serveArrivals(
  targets: readonly Target[],
): Promise<{ readonly url: string; readonly close: () => void }> {
  const server = createServer((request, response) => {
    const wanted = new URL(request.url ?? '/', 'http://arrived').searchParams.get('gateway');
    const found = targets.find(({ url }) => url === wanted)?.arrived() ?? [];
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(found.map(shown)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // it listens on a TCP port
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

const shown = ({ path, headers, body, text, aborted }: MockRequest): object => ({
  path,
  headers,
  body,
  text,
  aborted,
  upstream: headers.authorization === undefined ? 'local' : 'cloud',
  problems: path.endsWith('/responses') ? problemsOf(body['input']) : [],
});

const problemsOf = (input: Json | undefined): readonly string[] =>
  Array.isArray(input)
    ? input.filter((item) => isObject(item)).flatMap((item) => conforms('input item', item))
    : [];
