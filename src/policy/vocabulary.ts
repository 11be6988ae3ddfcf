/**
 * Every name that a condition may use, one row each. Type checking, evaluation, suggestions, the
 * editor schema and the reference in `policies/README.md` are made from these rows.
 */
import { operations } from '../core/call.ts';
import type { Situation } from '../core/policy.ts';
import { capabilities } from '../core/signal.ts';
import { stakesKinds } from '../core/stakes.ts';
import { unreadKinds } from '../core/unread.ts';
import { clientTaskKinds } from '../core/client-text/client-task-words.ts';
import { clockOf, type LocalTime } from '../lib/local-time.ts';

/** `number` is CEL's double, for counts and shares alike, so that `> 0` and `>= 0.5` both work. */
export type FactType = 'number' | 'text' | 'truth' | 'texts' | 'labels';

export interface Fact {
  /** `['request', 'inputTokens']`; in a condition a step that is no identifier is written `["my-gpu"]`. */
  readonly path: readonly [string, ...string[]];
  readonly type: FactType;
  /** Its meaning, its unit, and when it is missing. */
  readonly about: string;
  /** All that a text can be, or the members of a list of texts; undefined where any may come. */
  readonly values?: readonly string[];
  /** Undefined = missing: a condition that needs it cannot be evaluated. */
  read(situation: Situation): unknown;
}

/** The names that depend on the configuration. */
export interface ConfiguredNames {
  readonly signals: readonly string[];
  readonly upstreams: readonly string[];
  /** Of `time.*`, an IANA name; `UTC` if not given. */
  readonly timeZone?: string;
}

type FactRow = readonly [
  name: string,
  type: FactType,
  about: string,
  read: (s: Situation) => unknown,
  values?: readonly string[],
];

const REQUEST: readonly FactRow[] = [
  [
    'operation',
    'text',
    'chat, text_completion, embeddings, responses, messages or passthrough',
    (s) => s.facts.operation,
    operations,
  ],
  [
    'kind',
    'text',
    'chat; or what a chat front end asks by itself: title, tags, follow-ups, query (a search query, or a question rewritten for search), memory (facts or a summary to keep)',
    (s) => s.facts.kind ?? 'chat',
    ['chat', ...clientTaskKinds],
  ],
  [
    'inputTokens',
    'number',
    'tokens in the prompt; estimated when the text is long',
    (s) => s.facts.inputTokens,
  ],
  ['turns', 'number', 'user messages so far, the current one included', (s) => s.facts.turns],
  ['messages', 'number', 'messages of every role', (s) => s.facts.messages],
  ['tools', 'number', 'tools offered to the model', (s) => s.facts.tools],
  ['toolResults', 'number', 'tool results in the conversation', (s) => s.facts.toolResults],
  ['images', 'number', 'images in the conversation', (s) => s.facts.images],
  [
    'unread',
    'texts',
    'kinds of content that would leave although no signal can read it, such as "image" or "file"',
    (s) => s.facts.unread ?? [],
    unreadKinds,
  ],
  [
    'language',
    'text',
    'ISO 639-1 code of the current message; missing when it is too short to tell',
    (s) => valueOf(s, 'language'),
  ],
  ['jsonSchema', 'truth', 'the answer must follow a JSON schema', (s) => s.facts.jsonSchema],
  ['stream', 'truth', 'the caller wants a stream', (s) => s.facts.stream],
  [
    'maxTokens',
    'number',
    'the limit of output tokens that the caller set; 0 = not set',
    (s) => s.facts.maxTokens,
  ],
  ['n', 'number', 'number of answers requested', (s) => s.facts.n],
  [
    'deadlineMs',
    'number',
    'milliseconds until the caller gives up: `X-Smallfirst-Deadline-Ms`, else the time-out that an OpenAI SDK sends; missing when neither is sent',
    (s) => s.facts.deadlineMs,
  ],
  [
    'needs',
    'texts',
    'capabilities that the request needs, such as "vision" or "tools"',
    (s) => s.facts.needs,
    capabilities,
  ],
];

const timeFacts = (zone: string): readonly FactRow[] => {
  let clock: ReturnType<typeof clockOf> | undefined;
  // Made when a condition first asks: most policies never do, and what it reads of zones and calendars is megabytes.
  const now = (s: Situation): LocalTime => (clock ??= clockOf(zone))(s.snapshot.nowMs);
  return [
    ['hour', 'number', "hour of the day in the policy's `timeZone`, 0 to 23", (s) => now(s).hour],
    ['minute', 'number', 'minute of the hour, 0 to 59', (s) => now(s).minute],
    [
      'weekday',
      'number',
      "day of the week in the policy's `timeZone`: 1 is Monday, 7 is Sunday",
      (s) => now(s).weekday,
    ],
    ['day', 'number', "day of the month in the policy's `timeZone`, 1 to 31", (s) => now(s).day],
    ['month', 'number', "month in the policy's `timeZone`, 1 to 12", (s) => now(s).month],
    [
      'epoch',
      'number',
      'seconds since 1970-01-01 in UTC',
      (s) => Math.floor(s.snapshot.nowMs / 1000),
    ],
  ];
};

const OTHER_FACTS: readonly Fact[] = [
  {
    path: ['domain'],
    type: 'text',
    about: 'the domain of this policy that the message belongs to; "" = none of them',
    read: (s) => domainOf(s),
  },
  {
    path: ['stakes', 'kind'],
    type: 'text',
    about: `what a bad answer would put at stake: ${stakesKinds.join(', ')}; none where that is little`,
    values: ['none', ...stakesKinds],
    read: ({ readings: { stakes } }) =>
      stakes?.kind === 'score' ? (stakes.value ?? 'none') : undefined,
  },
  {
    path: ['conversation', 'tier'],
    type: 'text',
    values: ['', 'small', 'large'],
    about:
      'the tier that answered the conversation last, "small" or "large"; "" for a new conversation and for one that is not known here',
    read: ({ snapshot: { thread } }) =>
      thread === undefined || thread.tier === 'pinned' ? '' : thread.tier,
  },
  {
    path: ['key', 'name'],
    type: 'text',
    about: "the name of the caller's key",
    read: (s) => s.snapshot.key.name,
  },
  {
    path: ['key', 'labels'],
    type: 'labels',
    about:
      'the key\'s labels from the configuration: `key.labels.team`; ask `"team" in key.labels` where a key may lack one',
    read: (s) => s.snapshot.key.labels,
  },
  {
    path: ['budget', 'spentShare'],
    type: 'number',
    about: 'share of the budget already spent: 1.0 = all of it; 0 where there is no budget',
    read: (s) => s.snapshot.budget.spentShare,
  },
  {
    path: ['budget', 'leftUsd'],
    type: 'number',
    about: 'US dollars that may still be spent; missing where there is no budget',
    read: (s) => s.snapshot.budget.leftUsd,
  },
  {
    path: ['budget', 'pace'],
    type: 'number',
    about:
      'the share spent over the share of the period (of a paced budget: of its plan) gone by: above 1 the money will not last; missing where there is no budget',
    read: (s) => s.snapshot.budget.pace,
  },
  {
    path: ['energy', 'gridGramsPerKwh'],
    type: 'number',
    about:
      'carbon intensity of the local grid, grams of CO2e per kWh; missing when it is not known',
    read: (s) => s.snapshot.gridGramsPerKwh,
  },
];

const UPSTREAM: readonly (readonly [
  name: string,
  type: FactType,
  about: string,
  read: (state: Situation['snapshot']['upstreams'][string]) => unknown,
])[] = [
  ['configured', 'truth', 'the upstream is configured', (u) => u.configured],
  ['healthy', 'truth', 'it answered recently', (u) => u.healthy],
  ['locality', 'text', '"local" or "cloud"', (u) => u.locality],
  ['queueDepth', 'number', 'requests waiting for it', (u) => u.queueDepth],
  [
    'ttftMs',
    'number',
    'recent median time to first token, milliseconds; missing until one was seen',
    (u) => u.ttftMs,
  ],
  [
    'contextTokens',
    'number',
    'its context window in tokens; missing when not known',
    (u) => u.contextTokens,
  ],
  [
    'languages',
    'texts',
    'the languages that its model was made for, ISO 639-1; missing when not known, or all',
    (u) => u.languages,
  ],
];

/** All names, in the order of the reference. */
export function vocabulary({
  signals,
  upstreams,
  timeZone = 'UTC',
}: ConfiguredNames): readonly Fact[] {
  return [
    ...REQUEST.map((row) => fact('request', row)),
    ...signals.map((name) => signalFact(name)),
    ...OTHER_FACTS,
    ...upstreams.flatMap((name) => UPSTREAM.map((row) => upstreamFact(name, row))),
    ...timeFacts(timeZone).map((row) => fact('time', row)),
  ];
}

const fact = (group: string, [name, type, about, read, values]: FactRow): Fact => ({
  path: [group, name],
  type,
  about,
  read,
  ...(values === undefined ? {} : { values }),
});

const signalFact = (name: string): Fact => ({
  path: ['signals', name],
  type: 'number',
  about: `the score of the signal \`${name}\`, 0 to 1; missing when it abstained`,
  read: (s) => scoreOf(s, name),
});

const upstreamFact = (name: string, row: (typeof UPSTREAM)[number]): Fact => ({
  path: ['upstreams', name, row[0]],
  type: row[1],
  about: row[2],
  ...(row[0] === 'locality' ? { values: ['local', 'cloud'] } : {}),
  read: ({ snapshot }) => {
    const state = snapshot.upstreams[name];
    return state === undefined ? undefined : row[3](state);
  },
});

function scoreOf({ readings }: Situation, name: string): number | undefined {
  const reading = readings[name];
  return reading?.kind === 'score' ? reading.score : undefined;
}

function valueOf({ readings }: Situation, name: string): string | undefined {
  const reading = readings[name];
  return reading?.kind === 'score' ? reading.value : undefined;
}

/**
 * A domain signal that recognised nothing means "none of them"; one that failed or was late means
 * "missing".
 */
function domainOf({ readings }: Situation): string | undefined {
  const reading = readings['domain'];
  if (reading?.kind === 'score') return reading.value ?? '';
  return reading?.cause === 'not_applicable' ? '' : undefined;
}

/** A fact's name as it is written in a condition. */
export function celName(path: readonly string[]): string {
  return path
    .map((step, index) => {
      if (!/^[A-Za-z_]\w*$/.test(step)) return `[${JSON.stringify(step)}]`;
      return index === 0 ? step : `.${step}`;
    })
    .join('');
}
