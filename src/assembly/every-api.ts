/** Upstreams that answer every API, whatever their servers speak. */
import type { PersonalDetector } from '../core/masking.ts';
import type { LargeBodies } from '../core/large-bodies.ts';
import type { ResponseStore } from '../core/stored-responses.ts';
import type { Upstream } from '../core/upstream.ts';
import { maskedUpstream } from '../masking/masked-upstream.ts';
import { messagesOverChat } from '../messages/over-chat.ts';
import { ownIds } from '../responses/own-ids.ts';
import { responsesOverChat } from '../responses/over-chat.ts';
import { customToolsByFunctions } from '../upstreams/custom-tools.ts';
import { toolNamesFitted } from '../upstreams/tool-names.ts';

interface OtherApis {
  readonly newId: (prefix: string) => string;
  readonly responses: ResponseStore;
  readonly personal: PersonalDetector;
  /** Absent: every body is judged in the thread that serves. */
  readonly largeBodies: LargeBodies | undefined;
}

export function withEveryApi(
  inner: Upstream,
  { personal, responses: store, newId, largeBodies }: OtherApis,
): Upstream {
  // Masking is the innermost decorator, so that stored conversations keep the original text.
  const sent =
    inner.locality === 'local' ? inner : toolNamesFitted(maskedUpstream(inner, personal));
  return messagesOverChat(
    responsesOverChat(customToolsByFunctions(sent), {
      store,
      newId: ownIds(newId),
      nowMs: Date.now,
    }),
    { newId, ...(largeBodies && { translateLarge: largeBodies.messagesAsChat }) },
  );
}
