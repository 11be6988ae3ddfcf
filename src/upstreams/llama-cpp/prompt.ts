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
  /** They end it too where it is free text. A string of JSON may hold them, and has to be closed. */
  readonly markers: readonly LlamaTextValue[];
}

export type PromptRenderer = (prompt: Prompt) => RenderedPrompt;

interface Notation {
  readonly open: (role: Turn['role']) => string;
  readonly close: string;
  /** Follows the last turn, and starts the model's. */
  readonly cue: string;
  readonly stop: string;
  /** Texts with which a model begins somebody else's turn, where its tokenizer has no special tokens for that. */
  readonly markers?: readonly string[];
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
    markers: ['<|system|>', '<|user|>', '<|assistant|>'],
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

/** Markers of the template in the model's file that its tokenizer takes for text. */
function textMarkers(model: LlamaModel): readonly string[] {
  const template = model.fileInfo.metadata.tokenizer.chat_template ?? '';
  const markers = new Set(template.match(/<\|\w+\|>/g));
  return [...markers].filter((marker) => model.tokenize(marker, true).length > 1);
}

/**
 * Resolves the template once; `auto` renders the one in the model file, and guesses only where there is none. The library would rather
 * take a format of its own that renders its examples alike: for SmolLM2 that began with a second `<|im_start|>`, and left out
 * the line with which the file's begins a conversation without a system message.
 */
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
    template === 'auto'
      ? (library.resolveChatWrapper(model, { type: 'jinjaTemplate', warningLogs: false }) ??
        undefined)
      : undefined;

  const written = template === 'auto' ? textMarkers(model) : NOTATIONS[template].markers;
  const markers = (written ?? []).map((marker) => LlamaText(marker));

  const renderChat = (turns: readonly Turn[]): RenderedPrompt => {
    if (template !== 'auto') {
      const notation = NOTATIONS[template];
      return {
        tokens: withBos(inNotation(library, notation, turns).tokenize(model.tokenizer)),
        stops: [LlamaText(new SpecialTokensText(notation.stop))],
        markers,
      };
    }
    const state = wrapper?.generateContextState({
      chatHistory: [...turns.map(historyItem), { type: 'model', response: [''] }],
    });
    return {
      tokens: withBos(state?.contextText.tokenize(model.tokenizer) ?? []),
      stops: state?.stopGenerationTriggers ?? [],
      markers,
    };
  };

  return (prompt) =>
    prompt.kind === 'chat'
      ? renderChat(prompt.turns)
      : {
          tokens: withBos(model.tokenize(prompt.text, false, 'trimLeadingSpace')),
          stops: [],
          markers: [],
        };
}
