/** Requests that name an object of the cloud's, in their path or in their body. */
import { CARRIED } from '../../src/http/routes/carried.ts';

/** Every row with an id in its path, and `GET` of what was made by a stream. */
export const PATHS: readonly (readonly [method: string, path: string])[] = [
  ...CARRIED.filter(({ path }) => /\{\w/.test(path)).map(
    ({ method, path }) => [method, path] as const,
  ),
  ['GET', '/agents/{agent}'],
  ['GET', '/responses/{streamed}'],
  ['GET', '/chat/completions/{streamedCompletion}'],
];

/** Requests that name an object in their body, with `ID` in its place. */
export const BODIES: readonly (readonly [kind: string, path: string, body: object])[] = [
  ['response', '/responses', { model: 'cloud/gpt-4o', input: 'hi', previous_response_id: 'ID' }],
  ['response', '/responses', { model: 'auto', input: 'hi', previous_response_id: 'ID' }],
  [
    'streamed',
    '/responses',
    { model: 'cloud/gpt-4o', input: 'hi', previous_response_id: 'ID', stream: true },
  ],
  ['conversation', '/responses', { model: 'cloud/gpt-4o', input: 'hi', conversation: 'ID' }],
  [
    'conversation',
    '/responses',
    { model: 'cloud/gpt-4o', input: 'hi', conversation: { id: 'ID' } },
  ],
  ['item', '/responses', { model: 'cloud/gpt-4o', input: [{ type: 'item_reference', id: 'ID' }] }],
  [
    'file',
    '/responses',
    {
      model: 'cloud/gpt-4o',
      input: [{ role: 'user', content: [{ type: 'input_file', file_id: 'ID' }] }],
    },
  ],
  [
    'file',
    '/responses',
    {
      model: 'cloud/gpt-4o',
      input: [{ role: 'user', content: [{ type: 'input_image', file_id: 'ID' }] }],
    },
  ],
  [
    'vector_store',
    '/responses',
    {
      model: 'cloud/gpt-4o',
      input: 'hi',
      tools: [{ type: 'file_search', vector_store_ids: ['ID'] }],
    },
  ],
  [
    'code',
    '/responses',
    { model: 'cloud/gpt-4o', input: 'hi', tools: [{ type: 'code_interpreter', container: 'ID' }] },
  ],
  [
    'file',
    '/responses',
    {
      model: 'cloud/gpt-4o',
      input: 'hi',
      tools: [{ type: 'code_interpreter', container: { type: 'auto', file_ids: ['ID'] } }],
    },
  ],
  [
    'file',
    '/chat/completions',
    {
      model: 'cloud/gpt-4o',
      messages: [{ role: 'user', content: [{ type: 'file', file: { file_id: 'ID' } }] }],
    },
  ],
  ['file', '/batches', { input_file_id: 'ID', endpoint: '/v1/chat/completions' }],
  ['file', '/vector_stores', { name: 'x', file_ids: ['ID'] }],
  ['file', '/containers', { name: 'x', file_ids: ['ID'] }],
  ['assistant', '/threads/runs', { assistant_id: 'ID' }],
  [
    'file',
    '/threads/runs',
    { thread: { messages: [{ role: 'user', content: 'x', attachments: [{ file_id: 'ID' }] }] } },
  ],
  [
    'vector_store',
    '/assistants',
    { model: 'gpt-4o', tool_resources: { file_search: { vector_store_ids: ['ID'] } } },
  ],
  ['file', '/evals', { data_source: { source: { type: 'file_id', id: 'ID' } } }],
  ['file', '/images/edits', { images: [{ file_id: 'ID' }], prompt: 'x' }],
  ['agent', '/tasks', { agent: 'ID' }],
];
