import { expect, test } from 'vitest';
import { anAttempt, aRecord } from '../../test/support/record.ts';
import { reporter, type Report } from '../analysis/report.ts';
import { reportAsCsv } from './report-csv.ts';
import { formatReport } from './format-report.ts';

const UNTIL_MS = 1_790_000_000_000 + 86_400_000;

function reportOn(records: readonly ReturnType<typeof aRecord>[]): Report {
  const machine = { priceUsdPerKwh: 0.15, hardwareYears: 3, idleWatts: 10 };
  const reported = reporter({ sinceMs: 0, untilMs: UNTIL_MS, machine });
  for (const record of records) reported.add(record);
  return reported.result();
}

const baselineEnergy = { lowJ: 300, highJ: 500, method: 'modelled', source: 'x' } as const;
const report = reportOn([
  aRecord({ baselineEnergy }),
  aRecord({ baselineEnergy, attempts: [anAttempt({ upstream: '=cmd,"x"', cost: null })] }),
]);

test('as text has what was spent, what is unknown, what was saved, and the break-even', () => {
  const text = formatReport(report);
  expect(text).toMatch(/^requests +2$/m);
  expect(text).toMatch(/^served small +100 %/m);
  expect(text).toMatch(/^cost +\$0.0000015 +\(2 attempts, 1 unpriced\)$/m);
  expect(text).toMatch(/^ {2}modelled +14\.\.138 J/m);
  expect(text).toMatch(/^ {2}idle, beside it +240 Wh +\(10 W, configuration/m);
  expect(text).toMatch(/^ {2}kind hardware +not known/m);
  expect(text).toMatch(/^money saved +\$0\.0006723\.\.\$0\.0006747 /m);
  expect(text).toMatch(/1 request not compared/);
  expect(text).toMatch(/answers alone +1\.4\.\.23 %$/m);
  expect(text).toMatch(/with idle power +[\d,.]+ %$/m);
  expect(text).toMatch(/break-even in energy +from [\d,.]+ small answers a month; 60 now/);
});

test('as text of an empty ledger says so, and nothing else', () => {
  expect(formatReport(reportOn([]))).toMatch(/^No requests were recorded since 1970-01-01/);
});

test('as CSV has five cells a line, and no formulas', () => {
  const [head, ...lines] = reportAsCsv(report).split('\n');
  expect(head).toBe('section,item,unit,low,high');
  const hostile = lines.filter((line) => line.includes('cmd'));
  expect(hostile.length).toBeGreaterThan(0);
  for (const line of hostile) expect(line).toContain(`"'=cmd,""x"""`);
  for (const line of lines) {
    const cells = line.replaceAll(/"(?:[^"]|"")*"/g, 'quoted').split(',');
    expect(cells, line).toHaveLength(5);
  }
  expect(lines).toContain('energy,modelled,J,14,138');
  expect(lines).toContain('kind,hardware,nano-USD,,');
  expect(lines).toContain('carbon,operational,g,,');
  expect(lines).toContain(`break-even,small of large,share,${7 / 500},${69 / 300}`);
});
