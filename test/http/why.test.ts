import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RecordExplanation } from '../../src/engine/explain-record.ts';
import {
  EASY,
  HARD,
  simplePolicy,
  startTestGateway,
  type WholeGateway,
} from '../support/gateway-fixture.ts';

let whole: WholeGateway;
beforeAll(async () => {
  const constraint = '{ name: pii-stays, when: signals.pii >= 0.5, require: { locality: local } }';
  whole = await startTestGateway({ policy: simplePolicy(`constraints:\n  - ${constraint}`) });
});
afterAll(() => whole.close());

const ask = async (id: string | null): Promise<Response> =>
  await fetch(`${whole.gateway.url}/admin/requests/${id}/why`);

async function why(answer: Response): Promise<RecordExplanation> {
  const told = await ask(answer.headers.get('x-request-id'));
  expect(told.status).toBe(200);
  return (await told.json()) as RecordExplanation;
}

describe('GET /admin/requests/{id}/why', () => {
  test('says what decided a request that was answered, and what would have decided otherwise', async () => {
    const told = await why(await whole.chat(HARD));
    expect(told).toMatchObject({
      tier: 'large',
      upstream: 'cloud',
      rule: 'objective',
      threshold: { value: 0.4 },
      attempts: [{ upstream: 'cloud', model: 'gpt-4o', outcome: 'ok' }],
      unrepeatable: null,
    });
    const [first] = told.otherwise;
    expect(first?.change).toMatch(/^with complexity below 0\.40 \(it was 0\.\d\d\)$/);
    expect(first?.to).toBe('local/slm');
    expect(told.otherwise).toContainEqual({ change: 'if cloud had been down', to: 'local/slm' });
  });

  test('is what a dry run of the same request says', async () => {
    const body = { model: 'auto', messages: [{ role: 'user', content: `${EASY} Once more.` }] };
    const dry = (await (await whole.post('/v1/route', body)).json()) as Record<string, unknown>;
    const told = await why(await whole.chat(`${EASY} Once more.`));
    for (const key of [
      'tier',
      'rule',
      'complexity',
      'threshold',
      'targets',
      'excluded',
      'policy',
    ]) {
      expect(told).toHaveProperty(key, dry[key]);
    }
  });

  test('names the constraint that excluded a target', async () => {
    const answer = await whole.chat(`${HARD} Write the proof to jane.doe@ejemplo.es.`);
    const told = await why(answer);
    expect(told).toMatchObject({ rule: 'pii-stays', upstream: 'local' });
    expect(told.excluded).toMatchObject([{ by: 'constraint', name: 'pii-stays' }]);
    expect(told.otherwise.map(({ change }) => change).join('\n')).toContain('with pii below 0.50');
  });

  test('also where another version of the policy rules by now', async () => {
    const answer = await whole.chat(HARD);
    const file = join(whole.folder, 'policy.yaml');
    const decidedBy = await readFile(file, 'utf8');
    await writeFile(file, simplePolicy('mode: observe'));
    await whole.gateway.reload();
    const told = await why(answer);
    expect(told).toMatchObject({ policy: { mode: 'on' }, unrepeatable: null });
    expect(told.otherwise.length).toBeGreaterThan(0);
    await writeFile(file, decidedBy);
    await whole.gateway.reload();
  });

  test('a request that was never decided is told apart from one that never came', async () => {
    const undecided = await whole.chat(EASY, { model: 'no-such-model' });
    const told = await ask(undecided.headers.get('x-request-id'));
    expect([told.status, await told.text()]).toEqual([
      404,
      expect.stringContaining('failed before it was decided (caller_unknown_model)'),
    ]);
    const unknown = await ask('req_never');
    expect([unknown.status, await unknown.text()]).toEqual([
      404,
      expect.stringContaining('No record of request'),
    ]);
  });
});
