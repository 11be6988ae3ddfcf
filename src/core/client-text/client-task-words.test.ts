import { expect, test } from 'vitest';
import { isAboutConversation } from './client-task-words.ts';

test.each(
  [
    'this conversation, the chats, our dialogue, a discussion, that thread, each exchange, full session',
    'the last message, chat history, user request, the query, a given prompt, latest interaction',
    "the user's wish is the user, a human, the person, la conversación, la conversa, die Unterhaltung",
    'das Gespräch, dieser Chatverlauf, the story so far, the events so far, conversação, Conversation history',
    'диалог, разговоры, о беседе, переписка, 대화, 对话, 會話, 会话, 聊天, 谈话, 会話',
  ]
    .join(', ')
    .split(', '),
)('%s is a conversation, its messages or its person', (words) => {
  expect(isAboutConversation(`Write it about ${words}.`)).toBe(true);
});

test.each(['What is the capital of France?', 'Write a letter to the bank.', 'Chatten', 'promptly'])(
  '%s is none',
  (words) => {
    expect(isAboutConversation(words)).toBe(false);
  },
);
