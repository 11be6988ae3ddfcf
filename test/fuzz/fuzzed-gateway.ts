/** A whole gateway that is asked anything at all, and the rules that hold for every answer and every request. */
import type { Ledger } from '../../src/core/store.ts';
import { canonicalUrl } from '../../src/http/canonical-url.ts';
import { memoryLedger } from '../../src/stores/memory/ledger.ts';
import { openStores } from '../../src/stores/open.ts';
import { errorShape } from '../support/described-answers.ts';
import { startTestGateway, type Setup, type WholeGateway } from '../support/gateway-fixture.ts';
import { keepAliveClient, type Received, type Sending } from '../support/keep-alive-client.ts';

export interface FuzzedGateway {
  readonly whole: WholeGateway;
  /** The answer, which keeps the rules. @throws Error that says which it breaks */
  ask(sending: Sending): Promise<Received>;
  /** Holds an answer that came some other way to the rules. */
  keepsRules(sending: Omit<Sending, 'body'>, received: Received): void;
  /** @throws Error where a request since the last look left no record, or two */
  settle(): Promise<void>;
  close(): Promise<void>;
}

/** Requests between two looks at the records: a look costs as much as a request. */
const LOOK_EVERY = 100;
/** Records of answers that were cut off come when the gateway has noticed. */
const PATIENCE_MS = 30_000;

export async function startFuzzedGateway(setup: Setup = {}): Promise<FuzzedGateway> {
  const written = new Map<string, number>();
  const expected = new Map<string, string>();
  const tools = { nowMs: () => performance.now(), onLedgerProblem: () => {} };
  const whole = await startTestGateway({
    ...setup,
    local: { record: false, ...setup.local },
    cloud: setup.cloud === 'none' ? 'none' : { record: false, ...setup.cloud },
    // A breaker would only end what is looked for.
    config: `limits: { breakers: false }\n${setup.config ?? ''}`,
    stores: {
      ...(await openStores({ kind: 'memory' }, tools)),
      ledger: counted(memoryLedger(), written),
    },
  });
  const client = keepAliveClient(whole.gateway.port);
  const settle = async (): Promise<void> => {
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      // Records that wait are written before they are listed.
      await client.send({ path: '/admin/requests?limit=1', method: 'GET', headers: ADMIN });
      const wrong = [...expected].filter(([id]) => written.get(id) !== 1);
      if (wrong.length === 0) break;
      if (performance.now() < deadline) continue;
      const [id = '', sent] = wrong[0] ?? [];
      throw new Error(`${written.get(id) ?? 0} records for ${sent} (${wrong.length} such)`);
    }
    expected.clear();
    written.clear();
  };
  const keepsRules: FuzzedGateway['keepsRules'] = (sending, received) => {
    const broken = brokenRule(sending, received);
    if (broken !== undefined)
      throw new Error(`${broken}: ${received.status} ${received.text.slice(0, 500)}`);
    const id = received.headers['x-request-id'];
    if (typeof id === 'string' && leavesRecord(sending, received))
      expected.set(id, `${sending.method ?? 'POST'} ${sending.path}, answered ${received.status}`);
  };
  let asked = 0;
  return {
    whole,
    keepsRules,
    settle,
    ask: async (sending) => {
      const received = await client.send(sending);
      keepsRules(sending, received);
      asked += 1;
      if (asked % LOOK_EVERY === 0) await settle();
      return received;
    },
    close: async () => {
      await settle();
      client.close();
      await whole.close();
    },
  };
}

export const ADMIN_KEY = 'the-admin-key-of-fuzz';
const ADMIN = { authorization: `Bearer ${ADMIN_KEY}` };

function counted(ledger: Ledger, written: Map<string, number>): Ledger {
  return {
    ...ledger,
    append: (record) => {
      written.set(record.id, (written.get(record.id) ?? 0) + 1);
      ledger.append(record);
    },
  };
}

/** What is asked of the gateway itself is no request of a model. */
const OWN = /^\/v1\/(?:models|key|feedback|route|messages\/count_tokens)(?:[/?]|$)/;
const DATA = /^\/v1\/./;

function leavesRecord(
  { path, method }: Omit<Sending, 'body'>,
  { status, headers }: Received,
): boolean {
  // Those with refused credentials share a record, and what is replayed has that of the request that was sent.
  if (status === 401 || headers['idempotent-replayed'] !== undefined || method === 'HEAD')
    return false;
  const canonical = canonicalUrl(path);
  return DATA.test(canonical) && !OWN.test(canonical);
}

function brokenRule({ method = 'POST' }: Pick<Sending, 'method'>, received: Received) {
  const { status, text, headers, isCut } = received;
  if (status === 500) return 'an answer of 500';
  if (text.includes('gateway_internal')) return 'a bug was met';
  if (isCut || method === 'HEAD') return undefined;
  const type = String(headers['content-type'] ?? '');
  if (type.startsWith('text/event-stream')) return brokenStream(text);
  if (status < 400 || !type.includes('json')) return undefined;
  return errorShape.safeParse(parsed(text)).success ? undefined : 'an error of another shape';
}

function brokenStream(text: string): string | undefined {
  const hasError = /^data: \{"(?:error|type":"error)"/m.test(text);
  return hasError && text.includes('data: [DONE]') ? 'an error, and [DONE]' : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
