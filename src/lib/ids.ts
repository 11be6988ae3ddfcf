import { randomUUID } from 'node:crypto';

/** `prefix_` and 32 hexadecimal digits, 122 bits of them random. */
export const newId = (prefix: string): string => `${prefix}_${randomUUID().replaceAll('-', '')}`;
