/** What every kind of ledger must do, whatever it writes to. */
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Audit } from '../../src/core/audit.ts';
import type { UsageRecord } from '../../src/core/record.ts';
import type { Ledger } from '../../src/core/store.ts';
import { aRecord } from './record.ts';

const at = (atMs: number, id = `req_${atMs}`): UsageRecord => aRecord({ id, atMs });

/** @param open a new, empty one */
export function ledgerContract(open: () => Promise<Ledger>): void {
  let ledger: Ledger;
  beforeEach(async () => {
    ledger = await open();
  });
  afterEach(async () => await ledger.close());

  const idsOf = async (query: Parameters<Ledger['list']>[0]): Promise<readonly string[]> =>
    (await ledger.list(query)).records.map(({ id }) => id);

  test('gives a record back as it was', async () => {
    const record = aRecord();
    ledger.append(record);
    await ledger.flush();
    expect(await ledger.get(record.id)).toEqual(record);
  });

  test('gives a record back before it is durable', async () => {
    ledger.append(at(1));
    expect(await ledger.get('req_1')).toEqual(at(1));
  });

  test('keeps what was said of a request: once by each caller, the last word', async () => {
    const said = (caller: string, score: number, atMs: number) => ({
      requestId: 'r',
      atMs,
      caller,
      score,
    });
    for (const feedback of [said('c', 0.5, 0), said('d', 1, 1), said('c', -1, 2)])
      await ledger.addFeedback(feedback);
    await ledger.addFeedback({
      requestId: 'other',
      atMs: 0,
      caller: 'c',
      score: 1,
      comment: 'good',
    });
    expect(await ledger.feedbackOn('r')).toEqual([said('d', 1, 1), said('c', -1, 2)]);
    expect(await ledger.feedbackOn('none')).toEqual([]);
  });

  test('keeps audits, and gives those since a time', async () => {
    const audit = (atMs: number): Audit => ({
      requestId: `req_${atMs}`,
      atMs,
      policy: { name: 'p', version: 'v' },
      model: 'slm',
      domain: '',
      rule: 'objective',
      language: 'en',
      complexity: 0.25,
      propensity: 0.02,
      compared: 'same',
      by: 'judge',
      costNanoUsd: null,
    });
    for (const atMs of [3, 1, 2]) await ledger.addAudit(audit(atMs));
    const times = (await ledger.auditsSince(2)).map(({ atMs }) => atMs);
    expect(times).toHaveLength(2);
    expect(await ledger.auditsSince(3)).toEqual([audit(3)]);
  });

  test('has nothing under an unknown id', async () => {
    expect(await ledger.get("x' OR '1'='1")).toBeUndefined();
  });

  test('keeps the first of two records with one id', async () => {
    ledger.append(aRecord({ status: 200 }));
    await ledger.flush();
    ledger.append(aRecord({ status: 500 }));
    await ledger.flush();
    expect(await idsOf({})).toEqual(['req_1']);
    expect(await ledger.get('req_1')).toMatchObject({ status: 200 });
  });

  test('lists the newest first, with what was just appended', async () => {
    for (const ms of [5, 1, 9, 3]) ledger.append(at(ms));
    expect(await idsOf({})).toEqual(['req_9', 'req_5', 'req_3', 'req_1']);
  });

  test('lists from a time, inclusive, to a time, exclusive', async () => {
    for (const ms of [1, 2, 3, 4]) ledger.append(at(ms));
    expect(await idsOf({ sinceMs: 2, untilMs: 4 })).toEqual(['req_3', 'req_2']);
  });

  test('pages through everything exactly once, in order, also within one millisecond', async () => {
    const times = fc.array(fc.nat(5), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(times, fc.integer({ min: 1, max: 7 }), async (all, limit) => {
        const own = await open();
        all.forEach((ms, index) => own.append(at(ms, `r${index}`)));
        const seen: UsageRecord[] = [];
        let cursor: string | undefined;
        do {
          const page = await own.list({ limit, ...(cursor === undefined ? {} : { cursor }) });
          expect(page.records.length).toBeLessThanOrEqual(limit);
          seen.push(...page.records);
          cursor = page.next;
        } while (cursor !== undefined);
        await own.close();
        expect(new Set(seen.map(({ id }) => id)).size).toBe(all.length);
        expect(seen.map(({ atMs }) => atMs)).toEqual(all.toSorted((a, b) => b - a));
      }),
      { numRuns: 10 },
    );
  });

  test('refuses a cursor that it did not give', async () => {
    await expect(ledger.list({ cursor: 'nonsense' })).rejects.toThrow(/next.*page before/);
  });

  test('keeps text of every kind', async () => {
    const odd = 'a"b\\c\n\u0000\uD800 é 好 😀 \u2028';
    const record = aRecord({ caller: odd, id: 'req_odd' });
    ledger.append(record);
    await ledger.flush();
    expect((await ledger.get('req_odd'))?.caller).toBe(odd);
  });

  test('has nothing queued, late or dropped once it is flushed', async () => {
    for (let ms = 0; ms < 500; ms++) ledger.append(at(ms));
    await ledger.flush();
    expect(ledger.stats()).toMatchObject({ queued: 0, lagMs: 0, dropped: 0 });
    expect((await ledger.list({ limit: 1_000 })).records).toHaveLength(500);
  });

  test('takes nothing more once it is closed, and counts that', async () => {
    await ledger.close();
    ledger.append(at(1));
    expect(ledger.stats().dropped).toBe(1);
  });
}
