import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { call } from '../../test/support/call.ts';
import { LARGE_BODY_BYTES } from '../core/large-body.ts';
import { accept, type AcceptTools } from './accept.ts';
import type { BodyBytes } from './admission/buffers.ts';

const LONG = Buffer.from(
  JSON.stringify({
    model: 'm',
    messages: [{ role: 'user', content: 'a'.repeat(LARGE_BODY_BYTES) }],
  }),
);

function asking(body: Buffer, headers: Record<string, string> = {}) {
  const socket = { destroyed: false };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what is read of it is there
  const incoming = Object.assign(Readable.from([body]), {
    headers: { 'content-type': 'application/json', ...headers },
    socket,
  }) as unknown as IncomingMessage;
  return { socket, incoming };
}

const idle: BodyBytes = {
  take: () => {},
  turn: () => undefined,
  judged: () => {},
  onJudged: () => {},
  release: () => {},
};

function tools() {
  let reads = 0;
  const read = (): Promise<never> => {
    reads += 1;
    return Promise.reject(new Error('read'));
  };
  const limits = { maxBodyBytes: 2 ** 25, maxDepth: 100 };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what is used of it is there
  const given = { limits, largeBodies: { read } } as unknown as AcceptTools;
  return { given, reads: () => reads };
}

test('a large body whose caller hung up while it waited for its turn is not parsed', async () => {
  for (const [hangsUp, words] of [
    [true, 'The connection closed'],
    [false, 'read'],
  ] as const) {
    const { socket, incoming } = asking(LONG);
    const { given, reads } = tools();
    const turn = async (): Promise<void> => {
      socket.destroyed = hangsUp;
    };
    const accepted = accept(incoming, call(), given, { buffered: { ...idle, turn } });
    await expect(accepted).rejects.toThrow(words);
    expect(reads()).toBe(hangsUp ? 0 : 1);
  }
});

test('no more of a compressed body is unpacked than was when its caller hung up', async () => {
  const { socket, incoming } = asking(gzipSync(Buffer.alloc(2 ** 24, ' ')), {
    'content-encoding': 'gzip',
  });
  let taken = 0;
  const take = (bytes: number): void => {
    taken += bytes;
    socket.destroyed = true;
  };
  const accepted = accept(incoming, call(), tools().given, { buffered: { ...idle, take } });
  await expect(accepted).rejects.toMatchObject({ code: 'caller_hung_up' });
  expect(taken).toBeLessThan(2 ** 20);
});
