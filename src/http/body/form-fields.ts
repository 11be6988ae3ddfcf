/** The fields of a form (`multipart/form-data`, RFC 7578) that are no files, by name. */
import { GatewayError } from '../../core/errors.ts';

export interface FormField {
  /** Without the brackets of a list: `file_ids[]` is `file_ids`. */
  readonly name: string;
  readonly value: string;
}

/**
 * Strict: what could be read in two ways is refused, since the cloud might read it in the other.
 * @throws GatewayError `caller_invalid`
 */
export function formFields(payload: Buffer, contentType: string): readonly FormField[] {
  const boundary = /;\s*boundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType);
  const mark = boundary?.[1] ?? boundary?.[2];
  if (mark === undefined) throw malformed('its Content-Type has no boundary');
  const fields: FormField[] = [];
  const delimiter = Buffer.from(`--${mark}`);
  let at = payload.indexOf(delimiter);
  while (at !== -1) {
    const from = at + delimiter.length;
    at = payload.indexOf(delimiter, from);
    if (at === -1) break;
    readPart(payload.subarray(from, at), fields);
  }
  return fields;
}

const BLANK_LINE = Buffer.from('\r\n\r\n');

function readPart(part: Buffer, fields: FormField[]): void {
  const end = part.indexOf(BLANK_LINE);
  if (end === -1) throw malformed('a part has no blank line after its head');
  const head = part.toString('latin1', 0, end);
  const [line = '', ...more] = head
    .split(/\r\n/)
    .filter((each) => /^content-disposition:/i.test(each));
  const name = /;\s*name="([^"\\]*)"/i.exec(line)?.[1];
  if (name === undefined || more.length > 0 || /\r\n[ \t]/.test(head))
    throw malformed('a part is not named as `Content-Disposition: form-data; name="…"`');
  if (/;\s*filename/i.test(line)) return;
  const value = part.toString('utf8', end + BLANK_LINE.length).replace(/\r\n$/, '');
  fields.push({ name: name.replace(/\[\d*\]$/, ''), value });
}

const malformed = (why: string): GatewayError =>
  new GatewayError('caller_invalid', `The form cannot be read: ${why}.`);
