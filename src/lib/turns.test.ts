import { expect, test } from 'vitest';
import { Stages, turnBarrier } from './turns.ts';

const immediate = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Notes who went on, in order. */
function waiters(atMost: number, isAlone = false) {
  const gone: number[] = [];
  const barrier = turnBarrier({ atMost, isAlone: () => isAlone });
  const arrive = (who: number): void => barrier.pass(() => void gone.push(who));
  return { gone, arrive };
}

test('what arrives in one turn goes on in the next step of the loop, in order of arrival', async () => {
  const { gone, arrive } = waiters(64);
  arrive(1);
  await Promise.resolve();
  arrive(2);
  await Promise.resolve();
  expect(gone).toEqual([]);
  await immediate();
  expect(gone).toEqual([1, 2]);
});

test('a burst is released in parts, first come first served', async () => {
  const { gone, arrive } = waiters(2);
  for (let who = 1; who <= 5; who += 1) arrive(who);
  await immediate();
  expect(gone).toEqual([1, 2]);
  arrive(6);
  await immediate();
  expect(gone).toEqual([1, 2, 3, 4]);
  await immediate();
  expect(gone).toEqual([1, 2, 3, 4, 5, 6]);
});

test('a lone one does not wait', () => {
  const { gone, arrive } = waiters(64, true);
  arrive(1);
  expect(gone).toEqual([1]);
});

test('all do a stage before any does the next, and what enters meanwhile begins when they are done', async () => {
  const stages = new Stages();
  const done: string[] = [];
  const entering = (name: string, count: number, meanwhile = (): void => {}): void => {
    let stage = 0;
    stages.enter({
      next: () => {
        stage += 1;
        done.push(`${name}${stage}`);
        meanwhile();
        return stage < count;
      },
    });
  };
  entering('a', 2, () => entering('c', 1));
  entering('b', 3);
  expect(done).toEqual([]);
  await Promise.resolve();
  expect(done).toEqual(['a1', 'b1', 'a2', 'b2', 'b3']);
  await Promise.resolve();
  expect(done.slice(5)).toEqual(['c1', 'c1']);
});
