/** Connections to the Postgres that replicas share: a few, each statement within a time limit, errors in words. */
import type { Client, Pool, PoolClient, PoolConfig } from 'pg';
import { GatewayError } from '../../core/errors.ts';
import type { Row } from '../sqlite/row.ts';
import { explain } from './errors.ts';
import type { Postgres, Query } from './port.ts';
import { migrate } from './schema.ts';

export interface PostgresOptions {
  readonly url: string;
  /** How long a statement may take, in milliseconds. */
  readonly statementMs?: number;
  readonly connections?: number;
}

/** A hung server is given up after so long. */
const STATEMENT_MS = 5_000;
const CONNECT_MS = 2_000;
const CONNECTIONS = 4;
/** A process that hangs in a transaction must not keep its locks from the others. */
const IDLE_IN_TRANSACTION_MS = 10_000;

/** Connects, and brings the schema up to date, at the first statement. */
export function openPostgres(options: PostgresOptions): Postgres {
  const { url } = options;
  let opened: Promise<Pool> | undefined;
  const pool = async (): Promise<Pool> => {
    opened ??= openPool(options);
    try {
      return await opened;
    } catch (error) {
      opened = undefined;
      throw error;
    }
  };
  const explaining = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw error instanceof GatewayError ? error : explain(error, url);
    }
  };
  return {
    query: (sql, values = []) =>
      explaining(async () => (await (await pool()).query<Row>(sql, [...values])).rows),
    transaction: (work) => explaining(async () => await inTransaction(await pool(), work)),
    listen: (channel, onNews, signal) =>
      explaining(async () => {
        await pool();
        await listenTo(await newClient(options), { channel, onNews, signal });
      }),
    close: async () => {
      const open = await opened?.catch(() => undefined);
      opened = undefined;
      await open?.end();
    },
  };
}

/** Loaded where there is a Postgres: it takes 30 ms of the processor. */
const loadPg = async () => (await import('pg')).default;

async function settingsOf({
  url,
  statementMs = STATEMENT_MS,
  connections = CONNECTIONS,
}: PostgresOptions): Promise<PoolConfig> {
  const pg = await loadPg();
  return {
    connectionString: url,
    application_name: 'smallfirst',
    max: connections,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: statementMs,
    statement_timeout: statementMs,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    keepAlive: true,
    types: {
      getTypeParser: (oid: number, format?: 'text' | 'binary') =>
        // Sums and whole numbers stay below 2^53: `settlement.ts` sees to it.
        // oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- the server's own number
        NUMBERS.has(oid) ? Number : pg.types.getTypeParser(oid, format ?? 'text'),
    },
  };
}

/** int8 and numeric. */
const NUMBERS: ReadonlySet<number> = new Set([20, 1700]);

async function openPool(options: PostgresOptions): Promise<Pool> {
  const pg = await loadPg();
  const pool = new pg.Pool(await settingsOf(options));
  // Without a listener a connection that breaks ends the process, an idle one as well as one that is in use.
  pool.on('error', () => {});
  pool.on('connect', (client) => void client.on('error', () => {}));
  try {
    await migrate({
      query: async (sql, values = []) => (await pool.query<Row>(sql, [...values])).rows,
      transaction: async (work) => await inTransaction(pool, work),
    });
    return pool;
  } catch (error) {
    await pool.end();
    throw error instanceof GatewayError ? error : explain(error, options.url);
  }
}

const querying =
  (client: PoolClient): Query =>
  async (sql, values = []) =>
    (await client.query<Row>(sql, [...values])).rows;

async function inTransaction<T>(pool: Pool, work: (query: Query) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const result = await work(querying(client));
    await client.query('COMMIT');
    client.release();
    return result;
  } catch (error) {
    // An error with a code leaves the connection usable; after anything else its state is unknown.
    const isSound = error instanceof GatewayError && (await rolledBack(client));
    client.release(!isSound);
    throw error;
  }
}

const rolledBack = async (client: PoolClient): Promise<boolean> =>
  await client.query('ROLLBACK').then(
    () => true,
    () => false,
  );

async function newClient(options: PostgresOptions): Promise<Client> {
  const pg = await loadPg();
  return new pg.Client(await settingsOf(options));
}

interface Listening {
  readonly channel: string;
  readonly onNews: (payload: string) => void;
  readonly signal: AbortSignal;
}

/** How often the connection is checked: a network may drop one silently. */
const ALIVE_MS = 2_000;

async function listenTo(client: Client, { channel, onNews, signal }: Listening): Promise<void> {
  const { promise: lost, reject } = Promise.withResolvers<never>();
  lost.catch(() => {});
  client.on('error', reject);
  client.on('end', () => reject(new Error('the connection ended')));
  client.on('notification', ({ payload = '' }) => onNews(payload));
  signal.addEventListener('abort', () => reject(new Error('closed')), { once: true });
  const asking = setInterval(() => void client.query('SELECT 1').catch(reject), ALIVE_MS).unref();
  try {
    await Promise.race([client.connect(), lost]);
    await Promise.race([client.query(`LISTEN ${channel}`), lost]);
    onNews('');
    await lost;
  } finally {
    clearInterval(asking);
    client.end().catch(() => {});
  }
}
