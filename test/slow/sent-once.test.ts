/**
 * A paid server that reads a request and then breaks the connection, and one that closes idle connections as a request comes:
 * each call that it read has an attempt in a record, and none is made twice for one.
 */
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { seededRandom } from '../../src/lib/random.ts';
import { startTestGateway, type WholeGateway } from '../support/gateway-fixture.ts';

const ROUNDS = 1000;

const open: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

const BODY = JSON.stringify({
  object: 'chat.completion',
  model: 'gpt-4o',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 },
});
const ANSWER = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${BODY.length}\r\n\r\n${BODY}`;

/** What the server does with a request that it has read, by what it has done on that connection before. */
type Manner = (socket: Socket, answered: number, draw: number) => void;

interface Server {
  readonly url: string;
  /** Requests with a body that were read to their end. */
  readonly read: () => number;
}

async function serverThat(act: Manner): Promise<Server> {
  const draw = seededRandom(15);
  let read = 0;
  const server = createServer((socket) => {
    let [waiting, answered] = ['', 0];
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      waiting += bytes.toString('latin1');
      const [, head = '', body = ''] = /^(.*?\r\n\r\n)(.*)$/s.exec(waiting) ?? [];
      if (head === '') return;
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
      if (body.length < length) return;
      waiting = '';
      if (!head.startsWith('POST')) {
        socket.end('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
        return;
      }
      read += 1;
      act(socket, answered, draw());
      answered += 1;
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  open.push(() => void server.close());
  // `address()` is a string only for pipes.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/v1`, read: () => read };
}

const MANNERS: Readonly<Record<string, Manner>> = {
  'reads a request on a kept connection, and resets it': (socket, answered, draw) => {
    if (answered > 0 && draw < 0.5) socket.resetAndDestroy();
    else socket.write(ANSWER);
  },
  'reads a request on a kept connection, and closes it': (socket, answered, draw) => {
    if (answered > 0 && draw < 0.5) socket.end();
    else socket.write(ANSWER);
  },
  'closes idle connections as requests come': (socket, _answered, draw) => {
    socket.write(ANSWER);
    // Some turns later: while the next request is on its way, or before, or after it was read.
    let turns = Math.floor(draw * 40);
    const later = (): void => {
      turns -= 1;
      if (turns > 0) setImmediate(later);
      else if (draw < 0.2) socket.resetAndDestroy();
      else socket.end();
    };
    setImmediate(later);
  },
};

async function attemptsAtCloud(whole: WholeGateway, answer: Response): Promise<number> {
  const { attempts } = await whole.record(answer);
  return attempts.filter(({ upstream }) => upstream === 'cloud').length;
}

test.each(Object.entries(MANNERS))(
  `a paid server that %s is not asked without an attempt, in ${ROUNDS} requests`,
  async (_name, act) => {
    const server = await serverThat(act);
    const whole = await startTestGateway({
      cloudUrl: server.url,
      config: 'limits: { breakers: false }',
    });
    open.push(() => whole.close());
    let [attempts, good] = [0, 0];
    for (let round = 0; round < ROUNDS; round += 1) {
      const answer = await whole.chat('Hi', {}, { headers: { 'x-smallfirst-route': 'large' } });
      await answer.text();
      if (answer.headers.get('x-smallfirst-upstream') === 'cloud') good += 1;
      attempts += await attemptsAtCloud(whole, answer);
      expect(server.read(), `after ${round + 1} requests`).toBeLessThanOrEqual(attempts);
    }
    process.stdout.write(
      `${server.read()} calls read, ${attempts} attempts, ${good} answered by it\n`,
    );
    expect(good).toBeGreaterThan(ROUNDS / 4);
  },
);
