interface TextFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly isNumber?: boolean;
  readonly isNeeded?: boolean;
}

/** A labelled line of text, or a number of 0 or more. */
export function TextField({
  label,
  value,
  onInput,
  isNumber = false,
  isNeeded = false,
}: TextFieldProps) {
  const shared = {
    required: isNeeded,
    autocomplete: 'off',
    spellcheck: false,
    value,
    onInput: (event: InputEvent & { readonly currentTarget: HTMLInputElement }) =>
      onInput(event.currentTarget.value),
  };
  return (
    <label class="field">
      <span>{label}</span>
      {isNumber ? <input type="number" min="0" step="any" {...shared} /> : <input {...shared} />}
    </label>
  );
}
