/** What the upstreams of the benchmark answer. */

const MODELS = ['gpt-4o', 'small-model'];
export const USAGE = { prompt_tokens: 60, completion_tokens: 40, total_tokens: 100 };
const TEXT =
  'You can reset your password on the sign-in page: choose "Forgot password", enter your address and follow the link.';

export const head = (object: string) => ({
  id: 'chatcmpl-bench',
  object,
  created: 1_767_225_600,
  model: 'gpt-4o',
});

export const WHOLE = JSON.stringify({
  ...head('chat.completion'),
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: TEXT, refusal: null },
      logprobs: null,
      finish_reason: 'stop',
    },
  ],
  usage: USAGE,
});
export const LIST = JSON.stringify({
  object: 'list',
  data: MODELS.map((id) => ({ id, object: 'model', created: 0, owned_by: 'bench' })),
});
