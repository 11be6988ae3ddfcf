import type { Operation } from '../core/call.ts';

/** The routes that are most of the traffic, with POST. It is exactly these: a query, another method or anything in the path goes through the router. */
export const DIRECT: ReadonlyMap<string, Operation> = new Map([
  ['/v1/chat/completions', 'chat'],
  ['/v1/completions', 'text_completion'],
  ['/v1/embeddings', 'embeddings'],
  ['/v1/responses', 'responses'],
  ['/v1/messages', 'messages'],
]);
