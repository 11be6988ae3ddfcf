import { expect, test } from 'vitest';
import { endHung } from './watch.ts';

/** Answers as it is told: `.` is an answer, `-` none in time, `x` that it has ended meanwhile. */
async function watched(answers: string) {
  const ended = Promise.withResolvers<number>();
  const rest = answers.split('');
  const said: string[] = [];
  let kills = 0;
  const ask = async (): Promise<void> => {
    const next = rest.shift() ?? 'x';
    if (next === 'x') ended.resolve(0);
    await Promise.resolve();
    if (next !== '.') throw new Error('no answer');
  };
  const member = { number: 2, ended: ended.promise, kill: () => void (kills += 1), line: { ask } };
  // Every question and answer has the same shape here.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  await endHung(member as never, { say: (line) => void said.push(line), everyMs: 0 });
  return { kills, said, left: rest.join('') };
}

test('who misses three answers in a row is ended, once, and it is said', async () => {
  expect(await watched('..---.')).toEqual({
    kills: 1,
    said: ['Worker 2 has answered nothing for 0 s and is ended.'],
    left: '.',
  });
});

test.each(['.', '--.--.--.', '..-x', '--x', 'x'])(
  'who answers in between, or ends, is not: %s',
  async (answers) => {
    expect(await watched(answers)).toEqual({ kills: 0, said: [], left: '' });
  },
);
