/** What a caller sees of a generated text. */
import type { GenerateJob, OnText, ScoredToken } from './protocol.ts';
import { stopTexts } from './stop-texts.ts';

/** The text for the caller: without what follows a stop text, and in a chat without the leading space of SentencePiece models. */
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
  return {
    push: (piece: string, tokens?: readonly ScoredToken[]): void => {
      if (tokens !== undefined) waiting = [...(waiting ?? []), ...tokens];
      show(filter.push(piece));
      if (filter.hasEnded()) onStop();
    },
    end: (): void => show(filter.flush()),
  };
}
