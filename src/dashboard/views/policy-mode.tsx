import { useState } from 'preact/hooks';
import { t } from '../i18n/index.ts';
import { TextField } from '../parts/fields.tsx';
import { MODES, withMode, written } from '../policy/policy-state.ts';

const FIRST_SHARE = '0.1';

/** Writes the mode into the text: what is saved is what is read. */
export function ModeChoice() {
  const words = t.value.policy;
  const [mode, setMode] = useState<(typeof MODES)[number]>('on');
  const [share, setShare] = useState(FIRST_SHARE);
  const hasShare = mode === 'shadow' || mode === 'canary';
  return (
    <div class="row modes">
      <label class="field">
        <span>{words.mode}</span>
        <select
          value={mode}
          onChange={({ currentTarget: { value } }) =>
            setMode(MODES.find((each) => each === value) ?? mode)
          }
        >
          {MODES.map((each) => (
            <option key={each} value={each}>
              {words.modes[each]}
            </option>
          ))}
        </select>
      </label>
      {hasShare ? (
        <TextField label={words.share} value={share} onInput={setShare} isNumber />
      ) : null}
      <button
        type="button"
        class="button field-end"
        onClick={() => {
          written.value = withMode(written.value ?? '', mode, Number(share));
        }}
      >
        {words.writeMode}
      </button>
    </div>
  );
}
