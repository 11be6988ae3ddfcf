/** Modes of files that hold what others must not read. */

/** State, keys and texts are for their owner alone. */
export const READABLE_BY_OWNER = 0o600;
