import { expect, test } from 'vitest';
import { table, versions, writtenTable } from './clients/table.ts';

test('the table of clients names the versions that are pinned, and every case passed', () => {
  const rows = writtenTable().split('\n').slice(2);
  const written = rows.map((row) => row.split('|').map((cell) => cell.trim()));
  expect(new Map(written.map(([, client = '', version = '']) => [client, version]))).toEqual(
    versions(),
  );
  for (const [, client, , cases, passed] of written) {
    expect(Number(cases), client).toBeGreaterThan(0);
    expect(passed, client).toBe(cases);
  }
});

test('a table counts a client’s cases in files of vitest and of pytest, and none that was skipped', () => {
  const one = (status: string, ...ancestorTitles: string[]) => ({ status, ancestorTitles });
  const report = {
    testResults: [
      { name: '/x/openai-chat.test.ts', assertionResults: [one('passed', 'a'), one('failed')] },
      {
        name: '/x/python/official.test.ts',
        assertionResults: [one('passed', 'test_openai_chat.py'), one('skipped', 'test_litellm.py')],
      },
    ],
  };
  const rows = table([report]).split('\n');
  expect(rows.find((row) => row.startsWith('| OpenAI SDK '))).toMatch(/\| 2 \| 1 \|$/);
  expect(rows.find((row) => row.startsWith('| Python: OpenAI '))).toMatch(/\| 1 \| 1 \|$/);
  expect(rows.find((row) => row.startsWith('| Python: LiteLLM '))).toMatch(/\| 0 \| 0 \|$/);
});
