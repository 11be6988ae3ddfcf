/** Words that follow a number, by the language's rules. */
export function plural(
  tag: string,
  forms: { readonly one: string; readonly other: string },
): (value: number) => string {
  const rules = new Intl.PluralRules(tag);
  const figures = new Intl.NumberFormat(tag);
  // Spanish has `many` for millions; both of our languages read well with `other` there.
  return (value) =>
    `${figures.format(value)} ${rules.select(value) === 'one' ? forms.one : forms.other}`;
}
