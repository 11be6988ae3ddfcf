/**
 * Rewrites of every request to a server: what it reads differently, and parameters that the model refuses and its caller did not choose.
 */
import type { Call } from '../../core/call.ts';
import type { Dialect } from '../dialects.ts';
import { callsSigned, callsThoughtOf } from '../dialects/foreign-calls.ts';
import { foreignReasoningDropped } from '../dialects/history.ts';
import type { Rewrite } from '../dialects/rewrites.ts';
import type { ReasoningSeen } from './reasoning-seen.ts';

type Rewrites = readonly Rewrite[];

/** Each for a model that the caller named, and for one that it could not know. */
interface Lists {
  readonly chat: readonly [named: Rewrites, chosen: Rewrites];
  readonly responses: readonly [named: Rewrites, chosen: Rewrites];
}

export type UsualRewrites = (
  operation: Call['operation'],
  dialect: Dialect,
  isCallersModel: boolean,
) => Rewrites;

/** Those who serve their own models, and demand the thoughts of each call: of others it is learned from their answers. */
const DEMANDING_HOSTS = /(^|\.)(deepseek\.com|moonshot\.(ai|cn)|kimi\.com|xiaomimimo\.com)$/;
const GOOGLE = /(^|\.)googleapis\.com$/;

/**
 * The lists are made once: a server is of one dialect, but for what a probe finds.
 * @param host the server's
 */
export function usualRewrites({ writes }: ReasoningSeen, host: string): UsualRewrites {
  const isDemanding = DEMANDING_HOSTS.test(host);
  let last: { readonly dialect: Dialect; readonly lists: Lists } | undefined;
  const listsOf = (dialect: Dialect): Lists => {
    const { rewrites, responsesRewrites, chosenRewrites, reasoning } = dialect;
    const foreign = foreignReasoningDropped((name, model) => writes(name, model, reasoning));
    const thoughts = callsThoughtOf(
      (model) =>
        reasoning?.models.test(model) === true &&
        (isDemanding || writes(reasoning.member, model, undefined)),
    );
    const chat = [...rewrites, foreign, thoughts, ...(GOOGLE.test(host) ? [callsSigned] : [])];
    return {
      chat: [chat, [...chat, ...chosenRewrites]],
      responses: [responsesRewrites, [...responsesRewrites, ...chosenRewrites]],
    };
  };
  return (operation, dialect, isCallersModel) => {
    if (last?.dialect !== dialect) last = { dialect, lists: listsOf(dialect) };
    const { chat, responses } = last.lists;
    switch (operation) {
      case 'chat':
      case 'text_completion':
        return chat[isCallersModel ? 0 : 1];
      case 'responses':
        return responses[isCallersModel ? 0 : 1];
      case 'messages':
      case 'embeddings':
      case 'passthrough':
        return NONE;
    }
  };
}

const NONE: Rewrites = [];
