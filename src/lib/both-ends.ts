/** The first and the last half of so many units. */
export const bothEnds = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most / 2)}${text.slice(-most / 2)}`;
