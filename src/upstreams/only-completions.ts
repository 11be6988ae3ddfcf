import type { PublishedModel } from '../core/model-catalogue.ts';
import type { Capability } from '../core/signal.ts';

/** A base model asked to chat would continue both sides of the conversation. */
export const onlyCompletions = ({
  chats,
}: PublishedModel): { readonly capabilities?: readonly Capability[] } =>
  chats ? {} : { capabilities: ['text_completion'] };
