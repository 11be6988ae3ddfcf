import { userInfo } from 'node:os';

/** The user this process runs as; its uid where the system has no name for it, as in many containers. */
export function osUser(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
