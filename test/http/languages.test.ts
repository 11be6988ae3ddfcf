/** Requests in languages that the small model was not made for. */
import { expect, test } from 'vitest';
import { simplePolicy } from '../support/gateway-fixture.ts';
import { gatewayPerTest } from '../support/gateway-per-test.ts';

const open = gatewayPerTest();

const HELLO = {
  en: 'Hello, what is the capital of France and what is it known for?',
  es: 'Hola, ¿cuál es la capital de Francia y por qué es conocida?',
  hi: 'नमस्ते, फ्रांस की राजधानी क्या है और वह किस लिए जानी जाती है?',
};

const LOCAL_ONLY = 'constraints: [{ name: stays, when: "true", require: { locality: local } }]';

async function started(localMore: string, policy?: string) {
  return await open({ localMore, policy: simplePolicy(policy) });
}

test('by the configuration: the large model answers, the record says why, and decides the same again', async () => {
  const whole = await started(', languages: [en, es]');
  for (const language of ['en', 'es'] as const)
    expect((await whole.chat(HELLO[language])).headers.get('x-smallfirst-tier')).toBe('small');
  const answer = await whole.chat(HELLO.hi);
  expect(answer.headers.get('x-smallfirst-tier')).toBe('large');
  expect(answer.headers.get('x-smallfirst-rule')).toBe('other-language');
  expect(answer.headers.get('x-smallfirst-degraded')).toBeNull();
  const record = await whole.record(answer);
  expect(record.situation?.upstreams['local']).toMatchObject({ languages: ['en', 'es'] });
  const why = await fetch(`${whole.gateway.url}/admin/requests/${record.id}/why`);
  expect(await why.json()).toMatchObject({
    rule: 'other-language',
    reason: 'the request is in hi; the small model, local, was made for en, es',
    unrepeatable: null,
  });
});

test('where the configuration says so, the small model is asked in every language', async () => {
  const all = await started(', languages: all');
  expect((await all.chat(HELLO.hi)).headers.get('x-smallfirst-tier')).toBe('small');
});

test('what must stay here is answered here', async () => {
  const whole = await started(', languages: [en]', LOCAL_ONLY);
  const answer = await whole.chat(HELLO.hi);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('x-smallfirst-rule')).toBe('stays');
});
