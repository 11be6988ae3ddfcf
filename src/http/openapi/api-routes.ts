/** `/v1/*`: OpenAI's and Anthropic's, and our own beside them. */
import { z } from 'zod';
import type { DescribedRoute } from './described-route.ts';
import {
  text,
  having,
  explanation,
  chat,
  completion,
  embeddings,
  responses,
  messages,
  feedback,
  anything,
} from './shapes.ts';

const post = (
  path: string,
  summary: string,
  body: z.ZodType,
  answer: z.ZodType = anything,
): DescribedRoute => ({
  method: 'post',
  path,
  summary,
  who: 'data',
  body,
  answer,
});
const get = (path: string, summary: string, answer: z.ZodType = anything): DescribedRoute => ({
  method: 'get',
  path,
  summary,
  who: 'data',
  answer,
});

export const API_ROUTES: readonly DescribedRoute[] = [
  post('/v1/chat/completions', "OpenAI's chat, routed", chat),
  post('/v1/completions', "OpenAI's text completion", completion),
  post(
    '/v1/engines/:model/chat/completions',
    'The same, the model in the path',
    chat.partial({ model: true }),
  ),
  post(
    '/v1/engines/:model/completions',
    'The same, the model in the path',
    completion.partial({ model: true }),
  ),
  post(
    '/v1/engines/:model/embeddings',
    'The same, the model in the path',
    embeddings.partial({ model: true }),
  ),
  post('/v1/embeddings', "OpenAI's embeddings", embeddings),
  post('/v1/responses', "OpenAI's responses, routed", responses),
  post(
    '/v1/responses/input_tokens',
    "Tokens of a response's input; counted here where there is no cloud",
    responses.partial({ model: true }),
    having({ input_tokens: z.int() }),
  ),
  post('/v1/messages', "Anthropic's messages, routed", messages),
  post(
    '/v1/messages/count_tokens',
    'Tokens of a message',
    messages.partial({ max_tokens: true }),
    having({ input_tokens: z.int() }),
  ),
  post('/v1/route', 'Where a chat would go, and why; no model is asked', chat, explanation),
  {
    ...post(
      '/v1/feedback',
      'What a caller thinks of an answer',
      feedback,
      having({ status: z.literal('accepted') }),
    ),
    status: 202,
  },
  get('/v1/key', 'What the asking key may do', having({ object: z.literal('key'), name: text })),
  get('/v1/models', 'Models', having({ data: z.array(having({ id: text })) })),
  get('/v1/models/*', 'One model', having({ id: text })),
  get('/v1/responses/:id', 'A stored response'),
  {
    method: 'delete',
    path: '/v1/responses/:id',
    summary: 'Deletes a stored response',
    who: 'data',
    answer: anything,
  },
  get(
    '/v1/responses/:id/input_items',
    'What a stored response was asked',
    // Where the cloud keeps the response, the answer is the cloud's.
    having({ data: z.exactOptional(z.array(having({}))) }),
  ),
  ...(['get', 'post', 'put', 'patch', 'delete'] as const).map((method): DescribedRoute => ({
    method,
    path: '/v1/:any{.+}',
    summary: "Any other route of OpenAI's, carried to the cloud",
    who: 'data',
    answer: 'application/octet-stream',
  })),
];
