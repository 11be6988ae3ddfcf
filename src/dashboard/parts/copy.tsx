import { useState } from 'preact/hooks';
import { t } from '../i18n/index.ts';

/** Copies a text; the button says whether that worked, also to a screen reader. */
function CopyButton({ text, label }: { readonly text: string; readonly label?: string }) {
  const [state, setState] = useState<'idle' | 'copied' | 'refused'>('idle');
  const words = t.value.common;
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setState('copied');
    } catch {
      // A page over plain HTTP from another machine has no clipboard: the text can be selected.
      setState('refused');
    }
  };
  const said = { idle: label ?? words.copy, copied: words.copied, refused: words.copyRefused }[
    state
  ];
  return (
    <button
      type="button"
      class="button button-small"
      onClick={() => void copy()}
      aria-live="polite"
    >
      {said}
    </button>
  );
}

/** A command or a program to take away. */
export function Snippet({ text, label }: { readonly text: string; readonly label?: string }) {
  return (
    <div class="snippet">
      <pre tabIndex={0}>
        <code>{text}</code>
      </pre>
      <CopyButton text={text} {...(label === undefined ? {} : { label })} />
    </div>
  );
}
