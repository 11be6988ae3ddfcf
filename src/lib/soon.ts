/** A value now if it is there, else a promise of it: readers await only a promise. */
export type Soon<T> = T | Promise<T>;

/** `use` of the value: at once where it is there, and then without a promise. */
export function whenKnown<T, U>(answer: Soon<T>, use: (value: T) => Soon<U>): Soon<U> {
  return answer instanceof Promise ? answer.then(use) : use(answer);
}

/** All of them, in order; makes a promise only where one of them is. */
export function allKnown<T>(answers: readonly Soon<T>[]): Soon<readonly T[]> {
  return answers.every(isNow) ? answers : Promise.all(answers);
}

/** Both of them; makes a promise only where one of them is. */
export function bothKnown<A, B>(a: Soon<A>, b: Soon<B>): Soon<readonly [A, B]> {
  return a instanceof Promise || b instanceof Promise ? Promise.all([a, b]) : [a, b];
}

const isNow = <T>(answer: Soon<T>): answer is T => !(answer instanceof Promise);
