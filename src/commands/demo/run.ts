/** The demo: two fake models, a gateway in front of them, and sample traffic. */
import { z } from 'zod';
import type { Config } from '../../config/config.ts';
import { openaiConfig } from '../../upstreams/openai/config.ts';
import messages from './messages.json' with { type: 'json' };
import { startFakeModel, type FakeModel } from './fake-models.ts';
import { runTraffic, type Conversation, type Sent } from './traffic.ts';

/** Shown on the gateway's pages, and printed first. */
const NOTICE =
  'DEMO: both models are scripted stand-ins and the customers are invented; costs and energy are worked out as if they were real';

export interface DemoOptions {
  /** The gateway's settings; its upstreams are replaced by the fake models. */
  readonly config: Config;
  readonly start: (config: Config, notice: string) => Promise<RunningGateway>;
  readonly perSecond: number;
  readonly rounds?: number;
  /** 0 ≤ x < 1, uniformly. */
  readonly random: () => number;
  readonly signal: AbortSignal;
  readonly printLine: (line: string) => void;
}

interface RunningGateway {
  readonly url: string;
  close(): Promise<unknown>;
}

/** Requests per line of output. */
const REPORT_EVERY = 10;
const CONCURRENCY = 4;
/** For answers under way at the stop; the slowest fake model needs less. */
const GRACE_MS = 3000;

/** Runs until the rounds are over or the signal fires, then stops everything that it started. */
export async function runDemo(options: DemoOptions): Promise<void> {
  const { printLine, signal } = options;
  const stage = await startStage(options);
  try {
    const { url } = stage.gateway;
    const list = conversations();
    printLine(NOTICE);
    printLine(`DEMO  gateway on ${url}, dashboard on ${url}/dashboard`);
    printLine(
      `DEMO  ${list.length} conversations, ${options.perSecond} a second, English and Spanish; Ctrl-C ends it`,
    );
    await runTraffic({
      url,
      conversations: list,
      perSecond: options.perSecond,
      concurrency: CONCURRENCY,
      ...(options.rounds === undefined ? {} : { rounds: options.rounds }),
      random: options.random,
      signal,
      graceMs: GRACE_MS,
      onSent: reporter(printLine),
    });
    printLine('DEMO  over');
  } finally {
    await stage.close();
  }
}

interface Stage {
  readonly gateway: RunningGateway;
  close(): Promise<unknown>;
}

async function startStage({ config, start, random }: DemoOptions): Promise<Stage> {
  const small = await startFakeModel({
    models: ['qwen3:4b'],
    speed: { firstTokenMs: 90, promptMs: 60, tokensPerSecond: 45 },
    voice: 'small',
    refused: 0,
    broken: 0.002,
    random,
  });
  const large = await startFakeModel({
    models: ['gpt-4o', 'gpt-4o-mini'],
    speed: { firstTokenMs: 420, promptMs: 8, tokensPerSecond: 85 },
    voice: 'large',
    refused: 0.01,
    broken: 0.005,
    random,
  });
  const closeModels = async (): Promise<void> => {
    await Promise.all([small.close(), large.close()]);
  };
  try {
    const gateway = await start(staged(config, small, large), NOTICE);
    return {
      gateway,
      close: async () => {
        await gateway.close();
        await closeModels();
      },
    };
  } catch (error) {
    await closeModels();
    throw error;
  }
}

/** The fake models are the only upstreams, and nothing is stored on disk. */
function staged(config: Config, small: FakeModel, large: FakeModel): Config {
  const list = [
    openaiConfig({ name: 'local', locality: 'local', url: small.url, model: 'qwen3:4b' }),
    openaiConfig({
      name: 'cloud',
      locality: 'cloud',
      url: large.url,
      model: 'gpt-4o',
      models: ['gpt-4o-mini'],
    }),
  ];
  return { ...config, upstreams: { kind: 'configured', list }, store: { kind: 'memory' } };
}

const conversationSchema = z.strictObject({
  id: z.string(),
  language: z.enum(['en', 'es']),
  level: z.enum(['easy', 'hard']),
  turns: z.array(z.string().min(1)).min(1),
});

/** The sample messages: invented, English and Spanish, half each. */
export const conversations = (): readonly Conversation[] =>
  z.array(conversationSchema).parse(messages);

function reporter(printLine: (line: string) => void): (sent: Sent) => void {
  const counts = { small: 0, large: 0, failed: 0 };
  return ({ status, tier }) => {
    if (status !== 200) counts.failed++;
    else if (tier === 'small') counts.small++;
    else counts.large++;
    const all = counts.small + counts.large + counts.failed;
    if (all % REPORT_EVERY === 0)
      printLine(
        `DEMO  ${all} requests: ${counts.small} small, ${counts.large} large, ${counts.failed} failed`,
      );
  };
}
