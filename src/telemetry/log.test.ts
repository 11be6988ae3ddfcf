import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { aRecord, anAttempt } from '../../test/support/record.ts';
import { createLog, type LogLevel } from './log.ts';

function logged(level: LogLevel = 'info') {
  const lines: string[] = [];
  const log = createLog({ level, to: { write: (line) => lines.push(line) } });
  return { log, lines, parsed: () => lines.map((line): unknown => JSON.parse(line)) };
}

describe('a logged record', () => {
  test('is one JSON line with the decision, the usage and the cost', () => {
    const { log, lines, parsed } = logged();
    log.sink(aRecord());
    expect(lines[0]?.endsWith('}\n')).toBe(true);
    expect(parsed()).toEqual([
      expect.objectContaining({
        level: 'info',
        id: 'req_1',
        outcome: 'answered',
        status: 200,
        decision: { policy: 'default@0123456789ab', rule: 'objective', complexity: 0.21 },
        attempts: [
          expect.objectContaining({
            upstream: 'local',
            model: 'qwen3:4b',
            costNanoUsd: 1_500,
            usage: expect.objectContaining({ inputTokens: 100, source: 'reported' }),
          }),
        ],
      }),
    ]);
  });

  test('of a failed request is a warning', () => {
    const { log, parsed } = logged('warn');
    log.sink(aRecord());
    log.sink(aRecord({ outcome: 'failed', status: 502, errorCode: 'upstream_timeout' }));
    expect(parsed()).toEqual([
      expect.objectContaining({ level: 'warn', errorCode: 'upstream_timeout' }),
    ]);
  });

  test('has null for an unknown cost', () => {
    const { log, parsed } = logged();
    log.sink(aRecord({ attempts: [anAttempt({ cost: null })] }));
    expect(parsed()).toEqual([
      expect.objectContaining({ attempts: [expect.objectContaining({ costNanoUsd: null })] }),
    ]);
  });

  test('cuts the requested model name to a length that no prompt fits in', () => {
    const { log, lines } = logged();
    log.sink(aRecord({ requestedModel: `${'m'.repeat(80)}a whole prompt` }));
    expect(lines[0]).not.toContain('prompt');
  });
});

test('an unexpected error is logged with its stack', () => {
  const { log, parsed } = logged();
  log.reportBug(new Error('oh'));
  expect(parsed()).toEqual([
    expect.objectContaining({
      level: 'error',
      err: expect.objectContaining({ message: 'oh', stack: expect.stringContaining('log.test') }),
    }),
  ]);
});

test('the level `silent` writes nothing', () => {
  const { log, lines } = logged('silent');
  log.sink(aRecord({ outcome: 'failed' }));
  log.reportBug(new Error('oh'));
  log.close();
  expect(lines).toEqual([]);
});

test.each([
  ['the log is closed', 'log.close(); process.exit(0);'],
  ['the process exits without closing it', 'process.exit(0);'],
  ['the event loop is empty', ''],
])('every line is on standard output once %s', (_, end) => {
  const { href } = new URL('log.ts', import.meta.url);
  const program = `
    import { setTimeout } from 'node:timers/promises';
    import { createLog } from ${JSON.stringify(href)};
    const log = createLog({ level: 'info' });
    await setTimeout(20);
    for (let n = 0; n < 2_000; n++) log.info('line ' + n);
    ${end}`;
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '--eval', program],
    { encoding: 'utf8' },
  );
  expect(stderr).toBe('');
  const lines = stdout.trimEnd().split('\n');
  // a batch that was being written while the process ended may come last
  const said = new Set(lines.map((line) => (JSON.parse(line) as { msg: string }).msg));
  expect(lines).toHaveLength(2_000);
  expect(said.size).toBe(2_000);
});
