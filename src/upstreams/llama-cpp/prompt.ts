/**
 * Renders a conversation with a model's chat template. Only the markers may become special tokens: the caller's text is tokenised
 * as plain text, so that no caller can forge a turn by typing a marker.
 */
import type * as library from 'node-llama-cpp';
import type {
  ChatHistoryItem,
  ChatWrapper,
  LlamaModel,
  LlamaText as LlamaTextValue,
  Token,
} from 'node-llama-cpp';
import type { ChatTemplate, Prompt, Turn } from './protocol.ts';

type Library = typeof library;

interface RenderedPrompt {
  /** Begins with the model's begin-of-text token if it has one. */
  readonly tokens: readonly Token[];
  /** Texts that end the model's turn, besides its end tokens. */
  readonly stops: readonly LlamaTextValue[];
}

export type PromptRenderer = (prompt: Prompt) => RenderedPrompt;

interface Notation {
  readonly open: (role: Turn['role']) => string;
  readonly close: string;
  /** Follows the last turn, and starts the model's. */
  readonly cue: string;
  readonly stop: string;
}

const CHATML: Notation = {
  open: (role) => `<|im_start|>${role}\n`,
  close: '<|im_end|>\n',
  cue: '<|im_start|>assistant\n',
  stop: '<|im_end|>',
};

const NOTATIONS: Readonly<Record<Exclude<ChatTemplate, 'auto'>, Notation>> = {
  chatml: CHATML,
  // Qwen3's hybrid models skip their reasoning when given an empty one.
  'chatml-no-think': { ...CHATML, cue: '<|im_start|>assistant\n<think>\n\n</think>\n\n' },
  zephyr: {
    open: (role) => `<|${role}|>\n`,
    close: '</s>\n',
    cue: '<|assistant|>\n',
    stop: '</s>',
  },
  // The markers of the three below are plain text to their tokenizers, so a caller can write them too.
  alpaca: {
    open: (role) =>
      ({ system: '', user: '### Instruction:\n', assistant: '### Response:\n' })[role],
    close: '\n\n',
    cue: '### Response:\n',
    stop: '### Instruction:',
  },
  vicuna: {
    open: (role) => ({ system: '', user: 'USER: ', assistant: 'ASSISTANT: ' })[role],
    close: ' ',
    cue: 'ASSISTANT:',
    stop: 'USER:',
  },
  minicpm: {
    open: (role) => ({ system: '', user: '<用户>', assistant: '<AI>' })[role],
    close: '',
    cue: '<AI>',
    stop: '<用户>',
  },
};

function inNotation(library: Library, notation: Notation, turns: readonly Turn[]): LlamaTextValue {
  const { LlamaText, SpecialTokensText } = library;
  return LlamaText([
    ...turns.flatMap(({ role, text }) => [
      new SpecialTokensText(notation.open(role)),
      text,
      new SpecialTokensText(notation.close),
    ]),
    new SpecialTokensText(notation.cue),
  ]);
}

const historyItem = ({ role, text }: Turn): ChatHistoryItem => {
  if (role === 'assistant') return { type: 'model', response: [text] };
  return { type: role, text };
};

/** Resolves the template once; `auto` reads the one in the model file. */
export function promptRenderer(
  library: Library,
  model: LlamaModel,
  template: ChatTemplate,
): PromptRenderer {
  const { LlamaText, SpecialTokensText } = library;
  const bos = model.tokens.shouldPrependBosToken ? model.tokens.bos : null;
  const withBos = (tokens: readonly Token[]): readonly Token[] =>
    bos === null || tokens[0] === bos ? tokens : [bos, ...tokens];
  const wrapper: ChatWrapper | undefined =
    template === 'auto' ? library.resolveChatWrapper(model, { warningLogs: false }) : undefined;

  const renderChat = (turns: readonly Turn[]): RenderedPrompt => {
    if (template !== 'auto') {
      const notation = NOTATIONS[template];
      return {
        tokens: withBos(inNotation(library, notation, turns).tokenize(model.tokenizer)),
        stops: [LlamaText(new SpecialTokensText(notation.stop))],
      };
    }
    const state = wrapper?.generateContextState({
      chatHistory: [...turns.map(historyItem), { type: 'model', response: [''] }],
    });
    return {
      tokens: withBos(state?.contextText.tokenize(model.tokenizer) ?? []),
      stops: state?.stopGenerationTriggers ?? [],
    };
  };

  return (prompt) =>
    prompt.kind === 'chat'
      ? renderChat(prompt.turns)
      : { tokens: withBos(model.tokenize(prompt.text, false, 'trimLeadingSpace')), stops: [] };
}
