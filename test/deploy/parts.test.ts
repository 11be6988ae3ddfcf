import { expect, test } from 'vitest';
import { partsOf } from '../../deploy/package/parts.ts';

const imports = new Map([
  ['/s/commands/serve/serve.ts', ['/s/config.ts', '/s/json.ts']],
  ['/s/commands/serve/alone.ts', ['/s/app.ts']],
  ['/s/commands/command-config.ts', ['/s/config.ts']],
  ['/s/app.ts', ['/s/http.ts', '/s/json.ts']],
  ['/s/config.ts', ['/s/json.ts']],
  ['/s/worker.ts', ['/s/json.ts']],
  ['/s/report.ts', ['/s/json.ts', '/s/csv.ts']],
]);

test('modules share a file where the same programs load them, and what a start does not load is left alone', () => {
  const parts = partsOf(imports, '/s', ['worker']).toSorted((a, b) => b.priority - a.priority);
  const ids = ['json', 'config', 'app', 'http', 'csv', 'report'];
  const members = parts.map(({ test: has }) => ids.filter((id) => has(`/s/${id}.ts`)));
  expect(members).toEqual([['json'], ['config'], ['app', 'http']]);
});
