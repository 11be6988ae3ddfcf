/** Facts about a request, computed once; pure. Signals and conditions read these and never the request itself. */
import type { Call } from '../core/call.ts';
import type { Json, JsonObject } from '../lib/json.ts';
import type { Capability, Features, RequestFacts, Turn } from '../core/signal.ts';
import type { KnownContents, KnownState } from '../core/known-state.ts';
import { LIMIT_MEMBERS } from '../core/output-limit.ts';
import { NOTHING_FOUND, together, type ObjectContents } from '../core/object-contents.ts';
import { clientTask } from '../core/client-text/client-task.ts';
import { whenKnown, type Soon } from '../lib/soon.ts';
import type { Writable } from '../lib/writable.ts';
import { estimateTokens } from '../lib/tokens.ts';
import { ownTurns } from '../core/client-text/user-words.ts';
import { readRequest, type ChatRequest } from '../wire/chat-request.ts';
import { withTextInput } from '../wire/embedding-input.ts';
import { outbound, type Outbound } from '../wire/outbound.ts';

/** Role markers and separators that chat templates add to each message (OpenAI's cookbook counts 3 to 4). */
const TOKENS_PER_MESSAGE = 4;
/** Tokens of one 1024 x 1024 image at high detail in OpenAI's vision models: 85 + 4 tiles of 170. */
const TOKENS_PER_IMAGE = 765;

/** Never throws on an accepted body, whatever its unchecked members hold. Knows nothing of objects that lie at an upstream. */
export const describe = (call: Call): Features =>
  featuresOf(call, withTokens(readIn(call)), outbound(call), NOTHING_KNOWN);

/** Only the turns that `describe` gives. */
export const turnsOf = (call: Call): readonly Turn[] => readRequest(withTextInput(call)).turns;

const withTokens = (reading: Omit<ReadIn, 'tokens'>): ReadIn => ({
  ...reading,
  tokens: reading.request.turns.map(({ text }) => estimateTokens(text)),
});

/** The same, later where it names objects at an upstream. */
export function describeSoon(call: Call, state: KnownState): Soon<Features> {
  const reading = withTokens(readIn(call));
  const leaving = outbound(call);
  return whenKnown(elsewhere(call, leaving, state), (known) =>
    featuresOf(call, reading, leaving, known),
  );
}

interface Elsewhere {
  readonly ownsState: boolean;
  readonly known: KnownContents;
}

const NOTHING_KNOWN: Elsewhere = { ownsState: false, known: new Map() };

function elsewhere(
  { body, caller }: Call,
  { references }: Outbound,
  { ownsState, contentsOf }: KnownState,
): Soon<Elsewhere> {
  const { previous_response_id: previous } = body;
  const ids = typeof previous === 'string' ? [...references, previous] : references;
  if (ids.length === 0 || contentsOf === undefined) return { ...NOTHING_KNOWN, ownsState };
  return whenKnown(contentsOf(ids, caller), (known) => ({ ownsState, known }));
}

interface ReadIn {
  /** The call itself, or one whose tokens were read as text. */
  readonly read: Call;
  readonly request: ChatRequest;
  readonly own: readonly Turn[];
  readonly task: string;
  readonly sent: Features['sent'];
  /** Of each turn. */
  readonly tokens: readonly number[];
}

function readIn(call: Call): Omit<ReadIn, 'tokens'> {
  const read = withTextInput(call);
  const request = readRequest(read);
  const { turns } = request;
  const own = ownTurns(turns);
  return { read, request, own, task: lastUserText(own, turns), sent: sentIn(call, turns) };
}

function featuresOf(call: Call, reading: ReadIn, leaving: Outbound, known: Elsewhere): Features {
  const { read, request, own, task, sent } = reading;
  const { turns } = request;
  const about = { reading, results: leaving.results, contents: contentsIn(call, leaving, known) };
  const facts = factsOf(call, read === call ? request : asText(request), about);
  const texts = read === call ? leaving.texts : leaving.texts.concat(turns.map(textOf));
  return sent === undefined
    ? { facts, turns, own, task, texts }
    : { facts, turns, own, task, sent, texts };
}

/** For an embeddings request in token numbers: judged as text, sent as it came to a server that takes numbers. */
const asText = (request: ChatRequest): ChatRequest => ({
  ...request,
  needs: new Set<Capability>([...request.needs, 'token_input']),
});

const textOf = ({ text }: Turn): string => text;

/** Contents of the request and of what it names at an upstream: those are unread, unless they were read on their way there. */
function contentsIn(
  { body }: Call,
  leaving: Outbound,
  { ownsState, known }: Elsewhere,
): ObjectContents {
  const { previous_response_id: previous } = body;
  const { unread, references } = leaving;
  if (references.length === 0 && typeof previous !== 'string') return { unread, personal: [] };
  const named = references.map((id) => known.get(id) ?? REMOTE);
  // Whatever was kept of its contents, it was judged as it passed.
  if (typeof previous === 'string')
    named.push(known.get(previous) ?? (ownsState ? NOTHING_FOUND : REMOTE));
  return named.reduce(together, { unread, personal: [] });
}

const REMOTE: ObjectContents = { unread: ['remote_state'], personal: [] };

/** Operations that take a list of texts, each of which the model reads alone. */
const ONE_BY_ONE: ReadonlySet<Call['operation']> = new Set(['embeddings', 'text_completion']);

interface About {
  readonly reading: ReadIn;
  readonly contents: ObjectContents;
  readonly results: number;
}

function factsOf(
  call: Call,
  { body, turns, images, needs, toolResults }: ChatRequest,
  { reading: { sent, tokens }, contents: { unread, personal }, results }: About,
): RequestFacts {
  const { operation, stream, deadlineMs } = call;
  const tools = lengthOf(body['tools']) + lengthOf(body['functions']);
  const asked = afterModel(turns);
  const facts: Writable<RequestFacts> = {
    operation,
    stream,
    inputTokens: tokens.reduce(plus, 0) + besideTexts(body, { turns, images, tools }),
    inputTokensSource: 'estimated',
    turns: turns.reduce(withUser, 0),
    messages: turns.length,
    tools,
    toolResults: Math.max(toolResults, results),
    isToolLoop: asked.hasResult,
    images,
    jsonSchema: needs.has('json_schema'),
    maxTokens: firstNumber(body, LIMIT_MEMBERS),
    n: firstNumber(body, ONE_N) || 1,
    needs: [...needs],
  };
  if (sent !== undefined && sent !== 'none') facts.kind = sent.kind;
  if (ONE_BY_ONE.has(operation)) facts.longestInputTokens = tokens.reduce(larger, 0);
  if (asked.isInterrupted) facts.isInterrupted = true;
  if (deadlineMs !== undefined) facts.deadlineMs = deadlineMs;
  if (isOpaque(call)) facts.isOpaque = true;
  if (unread.length > 0) facts.unread = unread;
  if (personal.length > 0) facts.remotePersonal = personal;
  return facts;
}

const plus = (a: number, b: number): number => a + b;
const larger = (a: number, b: number): number => Math.max(a, b);

const withUser = (count: number, { role }: Turn): number => (role === 'user' ? count + 1 : count);

const ONE_N = ['n'] as const;

/** Tokens of what is no text: pictures, what a template adds to each message, tools. */
function besideTexts(
  { tools: offered, functions }: JsonObject,
  { turns, images, tools }: { turns: readonly Turn[]; images: number; tools: number },
): number {
  const marked = images * TOKENS_PER_IMAGE + turns.length * TOKENS_PER_MESSAGE;
  return tools === 0 ? marked : marked + estimateTokens(JSON.stringify(offered ?? functions));
}

/** Whether tools' results stand after the model's last message, and the user's words after those. */
function afterModel(turns: readonly Turn[]): { hasResult: boolean; isInterrupted: boolean } {
  let isUserLast = false;
  for (let at = turns.length - 1; at >= 0; at -= 1) {
    const { role } = turns[at]!;
    if (role === 'assistant') break;
    if (role === 'tool') return { hasResult: true, isInterrupted: isUserLast };
    if (role === 'user') isUserLast = true;
  }
  return { hasResult: false, isInterrupted: false };
}

/** JSON that was read is an object with members; an empty body has nothing to hide. */
const isOpaque = ({ operation, body, payload }: Call): boolean =>
  operation === 'passthrough' && payload.length > 0 && Object.keys(body).length === 0;

const lengthOf = (value: Json | undefined): number => (Array.isArray(value) ? value.length : 0);

function firstNumber(body: JsonObject, members: readonly string[]): number {
  for (const member of members) {
    const value = body[member];
    if (typeof value === 'number') return value;
  }
  return 0;
}

/** A message that holds nothing but what a client added to it is no task, unless there is no other. */
function lastUserText(own: readonly Turn[], turns: readonly Turn[]): string {
  const said = own.findLast(({ role, text }) => role === 'user' && text !== '');
  return (said ?? turns.findLast(({ role }) => role === 'user'))?.text ?? '';
}

const NO_CHAT: ReadonlySet<Call['operation']> = new Set([
  'text_completion',
  'embeddings',
  'passthrough',
]);

/** Not looked for in what is no chat. */
const sentIn = ({ operation }: Call, turns: readonly Turn[]): Features['sent'] =>
  NO_CHAT.has(operation) ? undefined : (clientTask(turns) ?? 'none');
