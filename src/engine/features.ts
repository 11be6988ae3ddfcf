/** Facts about a request, computed once; pure. Signals and conditions read these and never the request itself. */
import type { Call } from '../core/call.ts';
import type { Json, JsonObject } from '../lib/json.ts';
import type { Capability, Features, RequestFacts, Turn } from '../core/signal.ts';
import type { KnownContents, KnownState } from '../core/known-state.ts';
import { NOTHING_FOUND, together, type ObjectContents } from '../core/object-contents.ts';
import { clientTask } from '../lib/client-task.ts';
import { whenKnown, type Soon } from '../lib/soon.ts';
import { estimateTokens } from '../lib/tokens.ts';
import { ownTurns } from '../lib/user-words.ts';
import { readRequest, type ChatRequest } from '../wire/chat-request.ts';
import { withTextInput } from '../wire/embedding-input.ts';
import { outbound, type Outbound } from '../wire/outbound.ts';

/** Role markers and separators that chat templates add to each message (OpenAI's cookbook counts 3 to 4). */
const TOKENS_PER_MESSAGE = 4;
/** Tokens of one 1024 x 1024 image at high detail in OpenAI's vision models: 85 + 4 tiles of 170. */
const TOKENS_PER_IMAGE = 765;

/** Never throws on an accepted body, whatever its unchecked members hold. Of what lies at an upstream it knows nothing. */
export const describe = (call: Call): Features =>
  featuresOf(call, withTokens(readIn(call)), outbound(call), NOTHING_KNOWN);

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

function featuresOf(
  call: Call,
  { read, request, own, task, sent, tokens }: ReadIn,
  leaving: Outbound,
  known: Elsewhere,
): Features {
  const { turns } = request;
  const { texts } = leaving;
  const about = { ...leaving, ...contentsIn(call, leaving, known), sent, tokens };
  const seen = sent === undefined ? { turns, own, task } : { turns, own, task, sent };
  if (read === call) return { facts: factsOf(call, request, about), ...seen, texts };
  // Read as text, and sent as it came to a server that takes numbers.
  const needs = new Set<Capability>([...request.needs, 'token_input']);
  const facts = factsOf(call, { ...request, needs }, about);
  return { facts, ...seen, texts: [...texts, ...turns.map(({ text }) => text)] };
}

/** What is sent, and what lies at an upstream already: that is unread unless it was read on its way there. */
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

interface About extends Outbound, Pick<ReadIn, 'sent' | 'tokens'>, ObjectContents {}

function factsOf(
  call: Call,
  request: ChatRequest,
  { unread, personal, results, sent, ...about }: About,
): RequestFacts {
  const { body, turns, images, needs } = request;
  const toolResults = Math.max(request.toolResults, results);
  const tools = lengthOf(body['tools']) + lengthOf(body['functions']);
  let tokens = images * TOKENS_PER_IMAGE + turns.length * TOKENS_PER_MESSAGE;
  let longest = 0;
  for (const length of about.tokens) {
    tokens += length;
    longest = Math.max(longest, length);
  }
  if (tools > 0) tokens += estimateTokens(JSON.stringify(body['tools'] ?? body['functions']));
  return {
    operation: call.operation,
    ...kindOf(sent),
    stream: call.stream,
    inputTokens: tokens,
    ...(ONE_BY_ONE.has(call.operation) ? { longestInputTokens: longest } : {}),
    inputTokensSource: 'estimated',
    turns: turns.reduce((count, turn) => count + (turn.role === 'user' ? 1 : 0), 0),
    messages: turns.length,
    tools,
    toolResults,
    ...toolLoop(turns),
    images,
    jsonSchema: needs.has('json_schema'),
    maxTokens: firstNumber(body, ['max_completion_tokens', 'max_tokens', 'max_output_tokens']),
    n: firstNumber(body, ['n']) || 1,
    ...(call.deadlineMs === undefined ? {} : { deadlineMs: call.deadlineMs }),
    needs: [...needs],
    ...(isOpaque(call) ? { isOpaque: true } : {}),
    ...(unread.length === 0 ? {} : { unread }),
    ...(personal.length === 0 ? {} : { remotePersonal: personal }),
  };
}

function toolLoop(turns: readonly Turn[]): Pick<RequestFacts, 'isToolLoop' | 'isInterrupted'> {
  const roles = turns.map(({ role }) => role);
  const result = roles.lastIndexOf('tool');
  const isToolLoop = result > roles.lastIndexOf('assistant');
  const isInterrupted = isToolLoop && roles.includes('user', result);
  return isInterrupted ? { isToolLoop, isInterrupted } : { isToolLoop };
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

const kindOf = (sent: Features['sent']): Pick<RequestFacts, 'kind'> =>
  sent === undefined || sent === 'none' ? {} : { kind: sent.kind };
