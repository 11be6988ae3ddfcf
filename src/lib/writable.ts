/** While it is made: one literal and assignments for what may be absent, where a chain of spreads makes an object for each part. */
export type Writable<T> = { -readonly [Member in keyof T]: T[Member] };
