/** What an empty view offers: a request that works as it stands here. */
import { urlOf } from './api.ts';

export const firstRequest = (): string =>
  `curl ${location.origin}${urlOf('/v1/chat/completions')} \\
  -H 'Content-Type: application/json' \\
  -d '{"model": "auto", "messages": [{"role": "user", "content": "Hello"}]}'`;
