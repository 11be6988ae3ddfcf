/** Whether `sign` stands in a text so many times. It looks no further than it must. */
export function occurs(text: string, sign: string, times: number): boolean {
  let left = times;
  for (let at = text.indexOf(sign); left > 0 && at >= 0; at = text.indexOf(sign, at + sign.length))
    left -= 1;
  return left <= 0;
}
