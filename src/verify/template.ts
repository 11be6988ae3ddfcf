/** The check `template`: the answer shows control tokens of a chat template. */
import type { Check } from './check.ts';

/** Signs of chat templates: they stand between messages and are never meant to be read. */
const CONTROL =
  /<\|(?:im_start|im_end|endoftext|eot_id|eom_id|start_header_id|end_header_id|begin_of_text|end_of_text|system|user|assistant|end|fim_\w+|tool_call|python_tag)\|>|<(?:start|end)_of_turn>|\[\/?INST\]|<<\/?SYS>>|<｜[^｜\n]{1,30}｜>|(?:^|\n)### ?(?:Instruction|Response|Human|Assistant):|<\/s>\s*$/;

/** Control tokens of a chat template in what the caller would read. */
export const template: Check = {
  name: 'template',
  readsPrefix: true,
  find: ({ text }, asked) =>
    CONTROL.test(text) && !CONTROL.test(asked.given())
      ? 'it holds control tokens of a chat template'
      : undefined,
};
