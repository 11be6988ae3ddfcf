/** Messages from the deep judge's thread; those to it are questions. No text of a request crosses. */
import type { DeepAnswer } from '../complexity/calibrated.ts';

export type FromDeep =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'answer'; readonly answer: DeepAnswer };
