/**
 * Headers and query of a carried request are written by the gateway, from what it parsed: a media type without its parameters, a query
 * that was taken apart. Anything that a caller hid in the rest would be sent without being judged.
 */
import { GatewayError } from '../../core/errors.ts';

const MEDIA_TYPE = /^\s*([\w!#$&^.+-]{1,64}\/[\w!#$&^.+-]{1,100})\s*(?:;|$)/;
const BOUNDARY = /;\s*boundary=(?:"([^"\r\n]{1,70})"|([^\s;"]{1,70}))/i;

/** The media type in small letters, with its boundary alone; "" where there is none, and octets where it is none. */
export function mediaTypeOf(header: string): string {
  if (header === '' || header === 'application/json') return header;
  const type = MEDIA_TYPE.exec(header)?.[1]?.toLowerCase();
  if (type === undefined) return 'application/octet-stream';
  if (!type.startsWith('multipart/')) return type;
  const [, quoted, plain] = BOUNDARY.exec(header) ?? [];
  const boundary = quoted ?? plain;
  if (boundary === undefined) return type;
  return /^[\w'+.-]+$/.test(boundary)
    ? `${type}; boundary=${boundary}`
    : `${type}; boundary="${boundary}"`;
}

/** The path as it is, and each name and value of the query decoded once and written again. */
export function rewrittenQuery(path: string): string {
  const mark = path.indexOf('?');
  if (mark === -1) return path;
  const query = path.slice(mark + 1);
  if (!/[^\w.~=&-]/.test(query)) return path;
  const pairs = query.split('&').map((pair) => {
    const [name = '', ...rest] = pair.split('=');
    return rest.length === 0 ? written(name) : `${written(name)}=${written(rest.join('='))}`;
  });
  return `${path.slice(0, mark)}?${pairs.join('&')}`;
}

const written = (text: string): string => {
  try {
    return encodeURIComponent(decodeURIComponent(text.replaceAll('+', ' ')));
  } catch {
    throw new GatewayError(
      'caller_invalid',
      'The query of the URL has a percent escape that stands for no character. Encode values with encodeURIComponent.',
      { wireCode: 'invalid_url' },
    );
  }
};
