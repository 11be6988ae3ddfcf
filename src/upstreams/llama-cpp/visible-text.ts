/** What a caller sees of a generated text. */
import { loopGuard } from './loop-guard.ts';
import type { GenerateJob, OnText, Prompt, ScoredToken } from './protocol.ts';
import { stopTexts } from './stop-texts.ts';

/**
 * The text for the caller: without what follows a stop text, and in a chat without the leading space of SentencePiece models and
 * without a loop. `onStop` is called where nothing more will be shown.
 */
export function visibleText({ prompt, stop }: GenerateJob, onText: OnText, onStop: () => void) {
  const filter = stopTexts(stop);
  let begun = prompt.kind === 'raw';
  /** Of text that is held back, or invisible. */
  let waiting: readonly ScoredToken[] | undefined;
  const show = (piece: string): void => {
    const visible = begun ? piece : piece.trimStart();
    begun ||= visible !== '';
    if (visible === '') return;
    onText(visible, waiting);
    waiting = waiting && [];
  };
  const write = (piece: string, tokens?: readonly ScoredToken[]): void => {
    if (tokens !== undefined) waiting = [...(waiting ?? []), ...tokens];
    show(filter.push(piece));
    if (filter.hasEnded()) onStop();
  };
  const guard = loopGuard(taskOf(prompt), write, onStop);
  return {
    push: guard.push,
    end: (): void => {
      guard.end();
      show(filter.flush());
    },
    isLoop: guard.hasFound,
  };
}

/** What is being answered; a completion goes on with whatever text it is given. */
export const taskOf = (prompt: Prompt): string | undefined =>
  prompt.kind === 'chat' ? prompt.turns.findLast(({ role }) => role === 'user')?.text : undefined;
