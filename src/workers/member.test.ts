import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { createMember } from './member.ts';

const never = (): never => {
  throw new Error('It asks nothing.');
};

/** Takes what it is given and says so, as a worker does; ends when it is told anything else. */
const TAKES = `process.on('message', (message, socket) => {
  if (socket === undefined) process.exit(0);
  socket.destroy();
  process.send({ what: 'took', body: true });
});`;

const channels = (): number =>
  process.getActiveResourcesInfo().filter((kind) => kind === 'PipeWrap').length;

test('its end is waited for, also after it was given a connection', async () => {
  const child = spawn(process.execPath, ['-e', TAKES], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    serialization: 'advanced',
  });
  const member = createMember({
    number: 1,
    child,
    calls: () => ({ say: never, gather: never, own: never, tellPeers: never, askPeers: never }),
    refused: () => undefined,
    free: () => undefined,
  });
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  // Not a pipe: TCP.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const caller = connect((server.address() as AddressInfo).port, '127.0.0.1');
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const [socket] = (await once(server, 'connection')) as [Socket];
  const before = channels();
  member.give(socket, 'api');
  await expect.poll(member.isBusy).toBe(false);
  expect(channels()).toBe(before);
  member.line.tell('drain', null);
  expect(await member.ended).toBe(0);
  caller.destroy();
  server.close();
});
