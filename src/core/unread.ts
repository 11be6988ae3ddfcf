/** What leaves with a request although no signal read it. A closed list: policies name these, records and errors say them. */
export const unreadKinds = [
  'image',
  'audio',
  'video',
  'file',
  'token_ids',
  'remote_state',
  'foreign_part',
  'opaque_body',
  'unknown_number',
  'unknown_channel',
  'too_long',
] as const;

export type UnreadKind = (typeof unreadKinds)[number];
