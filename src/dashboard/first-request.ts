/** What an empty view offers: a request that works as it stands here. */
import { urlOf } from './api.ts';
import { session } from './session.ts';

const key = (): string =>
  session.value?.mode === 'keys' ? ` \\\n  -H "Authorization: Bearer $SMALLFIRST_KEY"` : '';

export const firstRequest = (): string =>
  `curl ${location.origin}${urlOf('/v1/chat/completions')}${key()} \\
  -H 'Content-Type: application/json' \\
  -d '{"model": "auto", "messages": [{"role": "user", "content": "Hello"}]}'`;
