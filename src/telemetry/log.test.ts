import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { aRecord, anAttempt } from '../../test/support/record.ts';
import { createLog, type LogLevel } from './log.ts';

function logged(level: LogLevel = 'info') {
  const lines: string[] = [];
  const log = createLog({ level, to: { write: (line) => lines.push(line) } });
  return { log, lines, parsed: () => lines.map((line): unknown => JSON.parse(line)) };
}

describe('a record in the log', () => {
  test('is one JSON line that says what was decided, used and spent', () => {
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

  test('that failed is a warning', () => {
    const { log, parsed } = logged('warn');
    log.sink(aRecord());
    log.sink(aRecord({ outcome: 'failed', status: 502, errorCode: 'upstream_timeout' }));
    expect(parsed()).toEqual([
      expect.objectContaining({ level: 'warn', errorCode: 'upstream_timeout' }),
    ]);
  });

  test('says null for a cost that is not known', () => {
    const { log, parsed } = logged();
    log.sink(aRecord({ attempts: [anAttempt({ cost: null })] }));
    expect(parsed()).toEqual([
      expect.objectContaining({ attempts: [expect.objectContaining({ costNanoUsd: null })] }),
    ]);
  });

  test('holds no more of a model name than a model name needs', () => {
    const { log, lines } = logged();
    log.sink(aRecord({ requestedModel: `${'m'.repeat(80)}a whole prompt` }));
    expect(lines[0]).not.toContain('prompt');
  });
});

test('a bug of ours is logged with its stack', () => {
  const { log, parsed } = logged();
  log.reportBug(new Error('oh'));
  expect(parsed()).toEqual([
    expect.objectContaining({
      level: 'error',
      err: expect.objectContaining({ message: 'oh', stack: expect.stringContaining('log.test') }),
    }),
  ]);
});

test('silence is silent', () => {
  const { log, lines } = logged('silent');
  log.sink(aRecord({ outcome: 'failed' }));
  log.reportBug(new Error('oh'));
  log.close();
  expect(lines).toEqual([]);
});

test.each([
  ['the log is closed', 'log.close(); process.exit(0);'],
  ['the process exits without closing it', 'process.exit(0);'],
  ['the process just ends', ''],
])('what goes to standard output is all there once %s', (_, end) => {
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
  expect(lines).toHaveLength(2_000);
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ msg: 'line 1999' });
});
