/** A stand-in for a paid cloud, every answer of which costs the same. */
import { startMockUpstream, type MockUpstream } from './mock-upstream.ts';

/** Tokens of every answer. */
const USAGE = { prompt: 7, completion: 5 };
/** Of `paidCloudYaml`, a token: 1,000 in, 10,000 out. */
export const ANSWER_NANO_USD = USAGE.prompt * 1_000 + USAGE.completion * 10_000;

/** @param chunkDelayMs how slowly it streams */
export const startPaidCloud = (chunkDelayMs = 3): Promise<MockUpstream> =>
  startMockUpstream({
    name: 'cloud',
    models: [],
    behaviour: () => ({ kind: 'answer', usage: USAGE, chunkDelayMs }),
  });

/** A line of `upstreams`. */
export const paidCloudYaml = ({ url }: Pick<MockUpstream, 'url'>): string =>
  `  - { name: cloud, kind: openai, locality: cloud, url: ${url}, model: m, price: { inputUsdPerMillion: 1, outputUsdPerMillion: 10 } }`;

/** The model of every call that reached it. */
export const askedModels = ({ requests }: Pick<MockUpstream, 'requests'>): readonly string[] =>
  requests.flatMap(({ body }) => (typeof body['model'] === 'string' ? [body['model']] : []));
