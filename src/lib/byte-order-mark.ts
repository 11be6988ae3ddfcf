const MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** The bytes without UTF-8's byte-order mark, which few programs read before JSON; the very same where there is none. */
export const withoutMark = (bytes: Buffer): Buffer =>
  bytes[0] === MARK[0] && bytes.subarray(0, MARK.length).equals(MARK)
    ? bytes.subarray(MARK.length)
    : bytes;
