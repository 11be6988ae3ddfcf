import { t } from '../i18n/index.ts';
import { typed } from '../playground.ts';

interface ComposerProps {
  readonly label: string;
  readonly action: string;
  readonly problem: string | undefined;
  readonly isBusy: boolean;
  /** @returns whether the text was sent, and may go */
  readonly onSubmit: (text: string) => Promise<boolean>;
  readonly onStop?: () => void;
  /** The text stays after it was sent, to be asked again with another setting. */
  readonly isKept?: boolean;
}

/** Where a message is written: Enter sends it, Shift and Enter begin another line. */
export function Composer(props: ComposerProps) {
  const { label, action, problem, isBusy, onSubmit, onStop, isKept = false } = props;
  const submit = async (): Promise<void> => {
    const text = typed.value.trim();
    if (text === '' || isBusy) return;
    if ((await onSubmit(text)) && !isKept) typed.value = '';
  };
  return (
    <form
      class="panel composer"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <label class="field">
        <span>{label}</span>
        <textarea
          value={typed.value}
          rows={3}
          onInput={({ currentTarget }) => {
            typed.value = currentTarget.value;
          }}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
            event.preventDefault();
            void submit();
          }}
        />
      </label>
      {problem === undefined ? null : (
        <p class="hint hint-bad" role="alert">
          {problem}
        </p>
      )}
      <div class="row">
        <button type="submit" class="button button-main" disabled={isBusy}>
          {action}
        </button>
        {isBusy && onStop !== undefined ? (
          <button type="button" class="button" onClick={onStop}>
            {t.value.playground.stop}
          </button>
        ) : null}
        <span class="hint">{t.value.playground.keys}</span>
      </div>
    </form>
  );
}
