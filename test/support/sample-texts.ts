/** Texts with personal data in them, for tests of masking. */
import fc from 'fast-check';
import type { Call } from '../../src/core/call.ts';
import type { JsonObject } from '../../src/lib/json.ts';
import { call } from './call.ts';

const PERSONAL = [
  'ana.lopez@ejemplo.es',
  'bo@exemple.fr',
  '4111 1111 1111 1111',
  'DE89 3704 0044 0532 0130 00',
  '+34 612 345 678',
  '203.0.114.7',
  'AKIAIOSFODNN7EXAMPLE',
] as const;

const personal = fc.constantFrom(...PERSONAL);
const filler = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.constantFrom('<EMAIL_1>', '<EMAIL_', 'a < b', '"', '\\n', '{"a":1}', '\n'),
);
/** Words with personal data between them, separated by blanks. */
export const sampleText = fc
  .array(fc.tuple(filler, fc.option(personal, { nil: '' })), { maxLength: 5 })
  .map((parts) => parts.map(([words, found]) => `${words} ${found} `).join(''));

export const chat = (messages: readonly JsonObject[], more: JsonObject = {}): Call =>
  call({ body: { model: 'auto', messages, ...more } });
export const user = (content: string): JsonObject => ({ role: 'user', content });
