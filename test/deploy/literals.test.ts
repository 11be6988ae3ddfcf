import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { afterAll, expect, test } from 'vitest';
import { literalsAsTables } from '../../deploy/package/literals.ts';

const folder = mkdtempSync(join(tmpdir(), 'literals-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a large literal becomes a file, and the program says what it said', async () => {
  const rows = Array.from({ length: 2000 }, (_, at) => `{ name: "row ${at}", isEven: !${at % 2} }`);
  const calls = Array.from({ length: 2000 }, (_, at) => `{ at: () => ${at} }`);
  const [source, out] = [join(folder, 'source.cjs'), join(folder, 'out.cjs')];
  writeFileSync(source, `exports.rows = [${rows.join()}]; exports.calls = [${calls.join()}];`);
  const made = await rolldown({
    input: source,
    platform: 'node',
    plugins: [literalsAsTables(out)],
  });
  const { output } = await made.write({ file: out, format: 'cjs' });
  await made.close();
  const load = createRequire(import.meta.url);
  const { rows: table } = load(out) as { rows: unknown };
  const { rows: expected } = load(source) as { rows: unknown };
  expect(table).toEqual(expected);
  expect(load(join(folder, 'out-1.json'))).toEqual(expected);
  // what is more than a value stays
  expect(output[0].code).toContain('1999');
});
