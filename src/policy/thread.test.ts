import { afterEach, expect, test } from 'vitest';
import { Worker } from 'node:worker_threads';
import { PolicyError, readPolicy, type PolicyNames } from './read.ts';
import { policyReader } from './thread.ts';

const names: PolicyNames = {
  upstreams: { local: { locality: 'local', model: 'slm' } },
  signals: ['complexity', 'pii'],
  auth: 'keys',
  judgeInForce: () => ({ version: 'abc', numbers: 2 }),
};

const source = (more = '') => ({
  file: 'p.yaml',
  text: `name: long
objective: { complexityBelow: 0.5 }
domains:
${Array.from({ length: 480 }, (_, at) => `  - { name: d${at}, use: small, examples: [where is parcel ${at}] }`).join('\n')}
rules: [{ name: pii, when: "signals.pii >= 0.5 && domain == 'd3'", use: small }]
${more}`,
});

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

function reader(options?: Parameters<typeof policyReader>[0]) {
  const made = policyReader(options);
  open.push(made);
  return made;
}

/** Answers nothing, and counts how often it is started. */
function counted() {
  const starts: number[] = [];
  const spawn = () => {
    starts.push(1);
    return new Worker('setInterval(() => {}, 1000)', { eval: true });
  };
  return { starts, spawn };
}

test('a long policy is read in the thread: the same comes of it', async () => {
  expect(await reader().read(source(), names)).toEqual(readPolicy(source(), names));
});

test('its mistakes are told as they are here', async () => {
  const wrong = source(
    'learned: { judge: 0123456789ab, bias: 0, weights: [1] }\nconstraints: [{ name: a, when: "x", require: { locality: local } }]',
  );
  const here = (() => {
    try {
      return readPolicy(wrong, names);
    } catch (error) {
      return error;
    }
  })();
  const there = await reader()
    .read(wrong, names)
    .catch((error: unknown) => error);
  expect(there).toBeInstanceOf(PolicyError);
  expect(there).toEqual(here);
  expect(String(there)).toContain('judge of other weights');
});

test('nothing of a long policy is read here, and for a short one no thread is started', async () => {
  const { starts, spawn } = counted();
  const asked = reader({ spawn });
  const short = { file: 'p.yaml', text: 'name: short\nobjective: { complexityBelow: 0.5 }\n' };
  expect((await asked.read(short, names)).data.name).toBe('short');
  expect(starts).toHaveLength(0);
  const reading = asked.read(source(), names).catch((error: Error) => error.message);
  expect(starts).toHaveLength(1);
  await asked.close();
  expect(await reading).toMatch(/^The thread that reads policies/);
});
