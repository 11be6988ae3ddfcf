/** Calls `next` once the kernel was asked what has come meanwhile, which one turn alone does only where it has not done so already. */
export const afterPoll = (next: () => void): void =>
  void setImmediate(() => void setImmediate(next));
