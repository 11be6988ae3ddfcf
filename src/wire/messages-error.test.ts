import { expect, test } from 'vitest';
import { GatewayError, UpstreamError } from '../core/errors.ts';
import { messagesError } from './messages-error.ts';

const asked = 'It takes 4096 tokens at most.';
const refused = (message: string): GatewayError =>
  new GatewayError('caller_context_length', message, { wireCode: 'context_length_exceeded' });

test.each([
  [refused(asked), `prompt is too long: ${asked}`],
  [new UpstreamError('context_overflow', asked), `prompt is too long: ${asked}`],
  [refused('Prompt is too long: 9 tokens > 8'), 'Prompt is too long: 9 tokens > 8'],
])('a prompt that does not fit is said in the words that clients look for: %s', (error, said) => {
  expect(messagesError(error, 'req_1').body['error']).toEqual({
    type: 'invalid_request_error',
    message: said,
  });
});

test('other errors are in their own words', () => {
  const { status, body } = messagesError(new GatewayError('gateway_draining', 'Later.'), undefined);
  expect({ status, body }).toEqual({
    status: 529,
    body: {
      type: 'error',
      error: { type: 'overloaded_error', message: 'Later.' },
      request_id: null,
    },
  });
});
