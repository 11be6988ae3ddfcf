/** What HTTP lets stand in the fields of a head (RFC 9110, 5.5 and 5.6.2). */

export const FIELD_NAME = /^[!#$%&'*+\-.^`|~\w]+$/;
/** Control characters, halves of a line's end among them. */
export const NOT_IN_FIELD_VALUE = /[^\t\x20-\x7e\x80-\xff]/;
