/** What a first configuration needs to know: found on this machine, or asked, in five questions at most. */
import { shippedPolicies } from '../../policy/shipped.ts';
import { suggestion } from '../../lib/suggest.ts';
import type { LocalServer } from '../../upstreams/detect.ts';
import type { Answers } from './config-text.ts';

/** Asks a person; the answer where they only press Enter is `usual`. */
export type Ask = (question: string, usual: string) => Promise<string>;

export interface Found {
  readonly server: LocalServer | undefined;
  /** Where no server is: the model of the catalogue that a start would take, one that is here already before others. */
  readonly model: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Without questions: what is usual. */
export const usual: Ask = async (_, answer) => answer;

const OPENAI = 'https://api.openai.com/v1';

/** What a first configuration needs, asked one after the other. @throws Error in words for an answer that cannot be used */
export async function answersFrom(ask: Ask, { server, model, env }: Found): Promise<Answers> {
  const small = await smallFrom(ask, server, model);
  const large = await largeFrom(ask, env);
  const policies = shippedPolicies();
  const policy = await ask(`Which policy (${policies.join(', ')})?`, 'default');
  if (!policies.includes(policy))
    throw new Error(`No shipped policy is called '${policy}'; ${suggestion(policy, policies)}`);
  const zone = await ask(
    'In which country does this machine stand, for its carbon (ISO code such as ESP or USA; empty = leave it out)?',
    '',
  );
  if (zone !== '' && !/^[A-Z]{3}$/.test(zone))
    throw new Error(`'${zone}' is no ISO 3166-1 code of three letters, such as ESP`);
  return { small, large, policy, zone: zone === '' ? undefined : zone };
}

async function smallFrom(
  ask: Ask,
  server: LocalServer | undefined,
  first: string,
): Promise<Answers['small']> {
  if (server === undefined) {
    const question =
      'No local model server answers. Which model in the gateway’s process (smallfirst models list)?';
    return { model: await ask(question, first) };
  }
  const { dialect, url, model, models } = server;
  const listed = models.slice(0, 12).join(', ');
  const chosen = await ask(
    `${dialect} answers at ${url} with ${listed}. Which is the small model?`,
    model,
  );
  return { url, model: chosen, server: dialect };
}

async function largeFrom(ask: Ask, env: Found['env']): Promise<Answers['large']> {
  const isKeySet = (env['OPENAI_API_KEY'] ?? '') !== '';
  const url = await ask(
    'The cloud: the base URL of an OpenAI-compatible API, or none?',
    isKeySet ? (env['OPENAI_BASE_URL'] ?? OPENAI) : 'none',
  );
  if (url === 'none' || url === '') return undefined;
  if (!URL.canParse(url)) throw new Error(`'${url}' is no URL; write one such as ${OPENAI}`);
  return { url, model: await ask('Which of its models is the large one?', 'gpt-4o'), isKeySet };
}
