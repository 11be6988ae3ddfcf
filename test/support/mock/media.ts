/** The endpoints that a gateway only passes through: files, images, audio, moderations. */
import type { JsonObject } from '../../../src/lib/json.ts';
import { CREATED } from './chat.ts';
import type { MockRequest } from './request.ts';

/** An answer with a body of any type. */
interface MediaAnswer {
  readonly status?: number;
  readonly type?: string;
  readonly body: Buffer | string | JsonObject;
}

interface StoredFile {
  readonly object: JsonObject;
  readonly bytes: Buffer;
}

/** Every byte value, so that any re-encoding is detected. */
export const SPEECH = Buffer.from(Array.from({ length: 4096 }, (_, index) => index % 256));
export const PIXEL_PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

const TRANSCRIPTS: Readonly<Record<string, MediaAnswer>> = {
  text: { type: 'text/plain', body: 'a short recording\n' },
  srt: { type: 'text/plain', body: '1\n00:00:00,000 --> 00:00:01,000\na short recording\n' },
  vtt: { type: 'text/plain', body: 'WEBVTT\n\n00:00.000 --> 00:01.000\na short recording\n' },
};

export type Media = (request: MockRequest) => MediaAnswer | undefined;

/** @returns the answer to a request for one of these endpoints; undefined for any other. */
export function mediaEndpoints(): Media {
  const files = new Map<string, StoredFile>();
  return (request) => {
    const [, , group, ...rest] = request.path.split('/');
    if (group === 'files') return filesAnswer(request, files, rest);
    if (request.method !== 'POST') return undefined;
    return postAnswer([group, ...rest].join('/'), request);
  };
}

function postAnswer(path: string, request: MockRequest): MediaAnswer | undefined {
  switch (path) {
    case 'images/generations':
    case 'images/edits':
    case 'images/variations':
      return { body: { created: CREATED, data: [{ b64_json: PIXEL_PNG }] } };
    case 'audio/speech':
      return { type: 'audio/mpeg', body: SPEECH };
    case 'audio/transcriptions':
    case 'audio/translations':
      return transcript(fieldsOf(request)['response_format']?.toString() ?? 'json');
    case 'moderations':
      return {
        body: {
          id: 'modr-1',
          model: 'omni-moderation-latest',
          results: [{ flagged: false, categories: {}, category_scores: {} }],
        },
      };
    default:
      return undefined;
  }
}

const transcript = (format: string): MediaAnswer =>
  TRANSCRIPTS[format] ?? { body: { text: 'a short recording' } };

function filesAnswer(
  request: MockRequest,
  files: Map<string, StoredFile>,
  [id, part]: readonly string[],
): MediaAnswer | undefined {
  if (id === undefined && request.method === 'POST') return storeFile(request, files);
  if (id === undefined)
    return {
      body: { object: 'list', data: [...files.values()].map((f) => f.object), has_more: false },
    };
  const file = files.get(id);
  if (file === undefined) return undefined;
  if (request.method === 'DELETE') {
    files.delete(id);
    return { body: { id, object: 'file', deleted: true } };
  }
  if (part === 'content') return { type: 'application/octet-stream', body: file.bytes };
  return { body: file.object };
}

function storeFile(request: MockRequest, files: Map<string, StoredFile>): MediaAnswer {
  const fields = fieldsOf(request);
  const id = `file-${files.size + 1}`;
  const bytes = fields['file'] ?? Buffer.alloc(0);
  const object = {
    id,
    object: 'file',
    bytes: bytes.length,
    created_at: CREATED,
    filename: /filename="([^"]*)"/.exec(request.raw.toString('latin1'))?.[1] ?? '',
    purpose: fields['purpose']?.toString() ?? '',
    status: 'processed',
  };
  files.set(id, { object, bytes });
  return { body: object };
}

/** The parts of a multipart body by name; a broken body has none. */
function fieldsOf({ raw, headers }: MockRequest): Readonly<Record<string, Buffer>> {
  const boundary = /boundary="?([^";]+)"?/.exec(headers['content-type'] ?? '')?.[1];
  if (boundary === undefined) return {};
  const parts = raw.toString('latin1').split(`--${boundary}`).slice(1, -1);
  return Object.fromEntries(
    parts.flatMap((part) => {
      const name = /name="([^"]*)"/.exec(part)?.[1];
      const start = part.indexOf('\r\n\r\n');
      return name === undefined || start < 0
        ? []
        : [[name, Buffer.from(part.slice(start + 4, -2), 'latin1')] as const];
    }),
  );
}
