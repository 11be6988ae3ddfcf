/** Two upstreams of which one fails at a time: each request says in its text at which, and how. */
import { startMockUpstream, type Behaviour, type MockUpstream } from '../support/mock-upstream.ts';

/**
 * Before the first byte, so that the other target can answer. A reset as soon as a request was written on a kept connection is left out:
 * the connection was closed before, as far as anybody can tell, and the request goes out again on a fresh one.
 */
const FAULTS: readonly Behaviour[] = [
  { kind: 'error', status: 500 },
  { kind: 'error', status: 503, headers: { 'retry-after': '1' } },
  { kind: 'error', status: 429, headers: { 'retry-after': '1' } },
  { kind: 'reset', afterHeaders: true },
  { kind: 'raw', body: 'no JSON' },
  { kind: 'broken', after: 0, how: 'reset' },
  { kind: 'broken', after: 0, how: 'end' },
];

/** Of ten requests one meets a fault, at one of the two. */
const FAULTY_EVERY = 10;

/** What a request writes so that it is found again. */
export const numbered = (number: number): string => `(case ${number})`;

export interface FaultyPair {
  readonly local: MockUpstream;
  readonly cloud: MockUpstream;
  /** Requests of models that arrived at each, looks at the list of models left out. */
  readonly arrived: { local: number; cloud: number };
  close(): Promise<void>;
}

export async function startFaultyPair(): Promise<FaultyPair> {
  const arrived = { local: 0, cloud: 0 };
  const start = (name: 'local' | 'cloud', turn: number, models: readonly string[]) =>
    startMockUpstream({
      name,
      models,
      record: false,
      behaviour: ({ method, text }) => {
        if (method !== 'POST') return undefined;
        arrived[name] += 1;
        const number = Number(/\(case (\d+)\)/.exec(text)?.[1]);
        const isFaulty = number % (2 * FAULTY_EVERY) === turn;
        return isFaulty ? FAULTS[Math.floor(number / FAULTY_EVERY) % FAULTS.length] : undefined;
      },
    });
  const local = await start('local', 3, ['slm']);
  const cloud = await start('cloud', 13, ['gpt-4o', 'text-embedding-3-small']);
  return {
    local,
    cloud,
    arrived,
    close: async () => {
      await Promise.all([local.close(), cloud.close()]);
    },
  };
}
