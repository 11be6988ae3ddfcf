type Value = number | null | undefined;

/** Places of values with nothing known on either side: no line reaches them. */
export const loneValues = (values: ArrayLike<Value>): number[] =>
  Array.from(values, (_, at) => at).filter(
    (at) => isKnown(values[at]) && !isKnown(values[at - 1]) && !isKnown(values[at + 1]),
  );

const isKnown = (value: Value): boolean => typeof value === 'number';
