/** What an upstream really does: asked, not read in its documentation. */
import { fail, ok, warn, type Check } from '../core/check.ts';
import type { Upstream } from '../core/upstream.ts';
import { answerChecks, type Probed } from './answer-checks.ts';

/** A busy processor answers 64 tokens within a minute; what takes longer is of no use to anybody. */
const PATIENCE_MS = 90_000;
/** Tokens of a window under which articles and a conversation do not fit. */
const SMALL_WINDOW = 4096;

/** Local ones are asked seven short questions; a paid one is only asked for its models, which costs nothing. */
export async function upstreamChecks(
  { upstream, toCall }: Probed,
  ended?: AbortSignal,
): Promise<readonly Check[]> {
  const about = `upstream ${upstream.name}`;
  const probe = await upstream.probe(
    AbortSignal.any([AbortSignal.timeout(PATIENCE_MS), ...(ended === undefined ? [] : [ended])]),
  );
  if (!probe.ok) {
    const what =
      probe.fault?.cause === 'auth'
        ? 'its credentials are refused: check apiKey'
        : 'start the server, or put its url right';
    return [fail(about, `${probe.detail}: ${what}`)];
  }
  const checks = [
    ok(about, `reachable: ${probe.detail}`),
    modelCheck(about, upstream, probe.detail),
  ];
  if (upstream.locality === 'cloud')
    return [
      ...checks,
      ok(about, 'credentials taken; not asked for answers, because they cost money'),
    ];
  const answers = await answerChecks({ upstream, toCall }, ended);
  return [
    ...checks,
    windowCheck(about, upstream),
    ...answers.map(({ verdict, words }) => ({ verdict, about, words })),
  ];
}

/** What a probe says where the server lists its models and the configured one is none of them. */
const NOT_LISTED = 'is not among them';
/** What it says of a server without a list, or with an empty one. */
const LISTS_NOTHING = /\b0 models\b/u;

function modelCheck(about: string, upstream: Upstream, detail: string): Check {
  const { model } = upstream.facts();
  if (LISTS_NOTHING.test(detail))
    return warn(about, `it lists no models, so that ${model} is there is not known`);
  return detail.includes(NOT_LISTED)
    ? fail(about, `it does not list ${model}: pull or load the model there, or name another`)
    : ok(about, `model ${model} is there`);
}

function windowCheck(about: string, upstream: Upstream): Check {
  const { contextTokens } = upstream.facts();
  if (contextTokens === undefined)
    return warn(about, 'its window is not known: write contextTokens, or long requests fail there');
  const words = `window of ${contextTokens} tokens`;
  return contextTokens < SMALL_WINDOW
    ? warn(
        about,
        `${words}: long requests go elsewhere; raise it at the server (Ollama: num_ctx), or take a model with a longer one`,
      )
    : ok(about, words);
}
