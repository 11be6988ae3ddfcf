/** A cloud that closes a kept connection as a request comes: the request goes out once more, and both are in the books. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { gatewayPerTest } from '../support/gateway-per-test.ts';

const open = gatewayPerTest();
let server: Server | undefined;
afterEach(() => server?.close());

const ANSWER = JSON.stringify({
  object: 'chat.completion',
  model: 'gpt-4o',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 },
});

/** @param answered requests on fresh connections that are answered; later ones are reset as well */
async function gatewayBefore(answered: number) {
  const used = new Set<Socket>();
  let read = 0;
  server = createServer((incoming, outgoing) => {
    const { socket } = incoming;
    incoming.resume().once('end', () => {
      if (incoming.method !== 'POST') return outgoing.writeHead(404).end();
      read += 1;
      if (used.has(socket) || used.size >= answered) return socket.resetAndDestroy();
      used.add(socket);
      return outgoing.setHeader('content-type', 'application/json').end(ANSWER);
    });
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  // `address()` is a string only for pipes.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const { port } = server.address() as AddressInfo;
  const whole = await open({ cloudUrl: `http://127.0.0.1:${port}/v1` });
  const ask = (stream: boolean) => whole.chat('Hi', { model: 'cloud/gpt-4o', stream });
  return { whole, ask, read: () => read };
}

test.each([false, true])(
  'it is answered, and what may have been read is charged as reserved (stream: %s)',
  async (stream) => {
    const { whole, ask, read } = await gatewayBefore(9);
    await (await ask(stream)).text();
    const again = await ask(stream);
    expect(again.status).toBe(200);
    expect(await again.text()).toContain('Hi');
    const { attempts } = await whole.record(again);
    expect(attempts).toMatchObject([
      {
        outcome: 'failed',
        cause: 'interrupted',
        cost: { kinds: { reserved: expect.any(Number) } },
      },
      { outcome: 'ok', usage: { inputTokens: 3 } },
    ]);
    expect(read()).toBe(3);
  },
);

test('where a fresh connection breaks too, nothing is sent a third time', async () => {
  const { whole, ask, read } = await gatewayBefore(1);
  await (await ask(false)).text();
  const broken = await ask(false);
  expect(broken.status).toBe(502);
  expect((await whole.record(broken)).attempts).toHaveLength(2);
  expect(read()).toBe(3);
});
