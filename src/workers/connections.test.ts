import { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { createConnections } from './connections.ts';
import type { Member } from './member.ts';

/** A worker that takes what it is given when it is told to. */
function aMember(name: string, open = 0) {
  const given: Socket[] = [];
  const state = { isServing: true, isBusy: false, open };
  const member: Pick<Member, 'isServing' | 'isBusy' | 'connections' | 'give'> = {
    isServing: () => state.isServing,
    isBusy: () => state.isBusy,
    connections: () => state.open,
    give: (socket) => {
      given.push(socket);
      state.isBusy = true;
    },
  };
  const took = (): void => {
    state.isBusy = false;
    state.open += 1;
  };
  return { name, member, state, given, took };
}

test('the one with the fewest connections gets the next', () => {
  const [many, few] = [aMember('many', 3), aMember('few', 1)];
  const connections = createConnections(() => [many.member, few.member]);
  connections.take(new Socket(), 'api');
  expect([many.given.length, few.given.length]).toEqual([0, 1]);
});

test('who has not taken one yet is given no other', () => {
  const [one, two] = [aMember('one'), aMember('two', 5)];
  const connections = createConnections(() => [one.member, two.member]);
  for (let at = 0; at < 3; at += 1) connections.take(new Socket(), 'api');
  expect([one.given.length, two.given.length]).toEqual([1, 1]);
  one.took();
  connections.serve();
  expect([one.given.length, two.given.length]).toEqual([2, 1]);
});

test('while nobody serves connections wait, in order', () => {
  const one = aMember('one');
  one.state.isServing = false;
  const connections = createConnections(() => [one.member]);
  const sockets = [new Socket(), new Socket()];
  for (const socket of sockets) connections.take(socket, 'admin');
  expect(one.given).toEqual([]);
  one.state.isServing = true;
  connections.serve();
  one.took();
  connections.serve();
  expect(one.given).toEqual(sockets);
});

test('at the end what waits is closed', () => {
  const connections = createConnections(() => []);
  const socket = new Socket();
  connections.take(socket, 'api');
  connections.close();
  expect(socket.destroyed).toBe(true);
});
