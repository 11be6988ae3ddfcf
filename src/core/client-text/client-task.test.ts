/** Instructions in the manner of common front ends, in words of this file's own. */
import { expect, test } from 'vitest';
import { clientTask } from './client-task.ts';

const user = (text: string) => ({ role: 'user', text });
const system = (text: string) => ({ role: 'system', text });
const assistant = (text: string) => ({ role: 'assistant', text });
const talk = [
  user('Prove that every planar graph can be coloured with five colours.'),
  assistant('By induction over the vertices: …'),
];
const transcript = talk.map(({ role, text }) => `${role.toUpperCase()}: ${text}`).join('\n');
const inTags = `<chat_history>\n${transcript}\n</chat_history>`;

test.each([
  [
    'title',
    [
      user(
        `### Task:\nGenerate a concise, 4-6 word title with an emoji that sums up the chat history.\n### Guidelines:\n- Be clear and simple.\n### Output:\nJSON: { "title": "your title" }\n### Chat History:\n${inTags}`,
      ),
    ],
  ],
  [
    'title',
    [
      user(
        `Write a title of five words or fewer for the conversation, in its language. Return the title and nothing else.\n\nConversation:\n${transcript}`,
      ),
    ],
  ],
  [
    'title',
    [
      system(
        'You are a thread title generator. You output only a title of at most fifty characters.',
      ),
      user('Generate a title for this conversation:\n'),
      user(talk[0]!.text),
    ],
  ],
  [
    'title',
    [
      system('You name conversations. Create a short title for the dialogue of the user.'),
      user(transcript),
    ],
  ],
  [
    'title',
    [
      ...talk,
      user(
        'Please create a title of four words that sums up our conversation, without punctuation or quotation marks.',
      ),
    ],
  ],
  [
    'title',
    [
      user(
        `${transcript}\n\nGive this conversation a name of at most ten characters. Only the name, nothing else.`,
      ),
    ],
  ],
  [
    'title',
    [system('你是一名擅长会话的助理，请将用户的会话总结为 10 个字以内的标题'), user(transcript)],
  ],
  [
    'title',
    [user(`Genera un título breve para la conversación, sin comillas.\n\nuser: ${talk[0]!.text}`)],
  ],
  [
    'title',
    [
      user(
        'Summarise the following conversation as a title in under 50 characters:\n\n[{"role":"user","content":"Prove it"}]',
      ),
    ],
  ],
  [
    'tags',
    [
      user(
        `### Task:\nGenerate 2-4 broad tags that categorise the main themes of the chat history, and some subtopic tags.\n### Output:\nJSON: { "tags": ["a"] }\n### Chat History:\n${inTags}`,
      ),
    ],
  ],
  [
    'tags',
    [user(`${inTags}\n\nList keywords for the conversation above as a comma-separated list.`)],
  ],
  [
    'follow-ups',
    [
      user(
        `### Task:\nSuggest 3 relevant follow-up questions that the user might ask next in this conversation, from the chat history.\n### Chat History:\n${inTags}`,
      ),
    ],
  ],
  [
    'follow-ups',
    [
      ...talk,
      user(
        'Please predict the three most likely questions that the human would ask next. Output a JSON array.',
      ),
    ],
  ],
  [
    'follow-ups',
    [
      system(
        'You propose what a user may ask next. Suggest related questions for the conversation as a JSON list.',
      ),
      user(transcript),
    ],
  ],
  [
    'query',
    [
      user(
        `### Task:\nAnalyse the chat history to determine whether search queries are needed, and generate 1-3 broad search queries.\n### Chat History:\n${inTags}`,
      ),
    ],
  ],
  [
    'query',
    [
      user(
        `Given this conversation and a follow up question, rephrase the follow up question to be a standalone question.\n\nChat History:\n${transcript}\nFollow Up Input: why five?\nStandalone question:`,
      ),
    ],
  ],
  [
    'query',
    [
      system(
        'From a chat history and the latest user question, formulate a self-contained question that is understood without the history. Do not answer it.',
      ),
      ...talk,
      user('Why five?'),
    ],
  ],
  [
    'query',
    [
      system('You rewrite the last message of the conversation into a web search query.'),
      user(transcript),
    ],
  ],
  [
    'memory',
    [
      system(
        'You are a memory manager. Extract facts about the user from the conversation and return JSON.',
      ),
      user(transcript),
    ],
  ],
  [
    'memory',
    [
      ...talk,
      user(
        'Summarize the discussion in 200 words or less, for use as a prompt for future context.',
      ),
    ],
  ],
  [
    'memory',
    [
      ...talk,
      user(
        'The context window is nearly full. Create a detailed summary of the conversation so far, so that the work can go on.',
      ),
    ],
  ],
  [
    'memory',
    [
      ...talk,
      system('Summarise the conversation in at most 150 words, for use as future context.'),
    ],
  ],
  [
    'memory',
    [
      ...talk,
      user(
        `Write a thorough summary of the conversation so far, for a reader who goes on with it.\n${'Name each file that was changed. '.repeat(80)}`,
      ),
    ],
  ],
  [
    'memory',
    [
      user(
        `Extend the existing summary with the new lines of the conversation, returning a new summary. Progressively summarise.\n\nNew lines of conversation:\n${transcript}`,
      ),
    ],
  ],
])('%s is recognised in layout %#', (kind, turns) => {
  const found = clientTask(turns);
  expect(found?.kind).toBe(kind);
  expect(found?.instruction).not.toMatch(/planar|vertices/);
});

test.each([
  [
    'follow-ups',
    'From our chat so far, propose three short replies that I could send next. JSON only.',
  ],
  ['follow-ups', 'You need to generate four suggestions based on the conversation.'],
  ['title', 'Your job is to summarize the user request into one sentence of five words or less.'],
  [
    'memory',
    'CONTEXT COMPACTION. Create a handoff summary for another model that goes on with the task.',
  ],
  ['memory', '[Stop playing. Summarize the key facts of the story so far.]'],
  ['title', 'Придумай короткое название для этого диалога, без кавычек.'],
  ['title', 'Gere um título curto para esta conversa, sem aspas.'],
  ['title', 'Scrivi un titolo breve per questa conversazione.'],
  ['title', 'この会話に短いタイトルを付けてください。'],
  ['title', '이 대화의 제목을 만들어 주세요.'],
  ['tags', 'Propose trois étiquettes pour cette conversation, en JSON.'],
  ['query', 'Составь поисковый запрос для этого диалога, напиши только его.'],
])('%s in other words and languages, after a conversation: %s', (kind, said) => {
  expect(clientTask([...talk, user(said)])?.kind).toBe(kind);
});

test('a role alone names the task of a program, and no task of a person', () => {
  const manager = 'You are a smart memory manager which controls the memory of a system.';
  expect(clientTask([user(`${manager}\nYou can add, update and delete.`)])?.kind).toBe('memory');
  const person = 'You are an expert in C. Write a memory manager for an arena.';
  expect(clientTask([user(person)])).toBeUndefined();
});

test.each([
  ['a poem', [user('Write a short poem about autumn.')]],
  ['a title of something else', [user('Suggest a catchy title for my blog post about chat apps.')]],
  [
    'a title of a film',
    [user('What is the title of the film in which a man talks to his computer?')],
  ],
  ['tags of HTML', [user('List the HTML tags that need no closing tag.')]],
  ['a query in SQL', [user('Write a SQL query that lists all customers of last month.')]],
  ['search terms of a person', [user('Generate search queries for my literature review on bees.')]],
  [
    'a summary of a text',
    [user(`Summarise this article in two sentences.\n\n${'Bees fly far. '.repeat(60)}`)],
  ],
  ['a summary that the user wants', [...talk, user('Can you summarise what we talked about?')]],
  [
    'an assistant that asks back',
    [
      system(
        'You are the assistant of a bank. Be kind and short. Answer questions about accounts and cards. Never promise a loan. Speak the language of the customer. Ask for the number of the account where you need it. Do not talk about politics, sports or the weather, and mention the opening hours only when asked. At the end you may suggest follow-up questions for the conversation.',
      ),
      user('What is my limit?'),
    ],
  ],
  [
    'a hard task that mentions a title',
    [
      user(
        `${'Prove the lemma for all n. '.repeat(80)}\n\nGenerate a title for the chat, JSON only.`,
      ),
    ],
  ],
  ['nothing', []],
])('%s is what a person says', (_what, turns) => {
  expect(clientTask(turns)).toBeUndefined();
});
