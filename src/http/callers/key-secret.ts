/** Secrets of keys, and the digest by which one is known. */
import { createHash, randomBytes } from 'node:crypto';

/** 256 bits: nobody guesses one, so that a plain digest of it is enough (a password would need a slow one). */
const SECRET_BYTES = 32;

/** A secret begins so, in order that scanners and people recognise it. */
const PREFIX = 'sf-';

/** `sf-` and 43 letters, digits, `-` and `_`. */
export const newSecret = (): string => PREFIX + randomBytes(SECRET_BYTES).toString('base64url');

/** SHA-256. */
export const digestOf = (secret: string): Buffer => createHash('sha256').update(secret).digest();
