/** Forms, as keys may send them: files to be transcribed or kept, with whatever stands between the boundaries. */
import fc from 'fast-check';
import { startFuzzedGateway } from './fuzzed-gateway.ts';
import { damaged } from './values.ts';
import type { FuzzTarget } from './target.ts';

const KEY = 'a-key-of-fuzz-0123';
const ADMIN = 'the-admin-key-of-fuzz';

const disposition = fc.constantFrom(
  'Content-Disposition: form-data; name="file"; filename="a.txt"', 'Content-Disposition: form-data; name="purpose"', 'Content-Disposition: form-data; name="file_ids[]"',
  'Content-Disposition: form-data; name="prompt"', 'content-disposition: FORM-DATA; NAME=prompt', "Content-Disposition: form-data; name*=UTF-8''file", 'Content-Disposition: form-data; name="a\\"b"',
  'Content-Disposition: attachment; name="file"', 'Content-Disposition: form-data;\r\n name="file"', 'Content-Disposition: form-data; name="__proto__"', 'X: y', '',
); // prettier-ignore
const more = fc.constantFrom(
  '',
  '',
  'Content-Type: text/plain',
  'Content-Type: application/pdf',
  'Content-Transfer-Encoding: base64',
  'Content-Type: multipart/mixed; boundary=in',
  'Content-Disposition: form-data; name="twice"',
);
const value = fc.oneof(
  fc.constantFrom(
    'batch',
    'vision',
    'file_1',
    '{"custom_id":"1","body":{"input_file_id":"file_1"}}\n{',
    '--mark',
    '--mark--',
    '\r\n--mark\r\n',
    '\u0000',
    'x'.repeat(2000),
  ),
  fc.string({ unit: 'binary', maxLength: 30 }),
);
const part = fc
  .tuple(disposition, more, value)
  .map(
    ([first, second, said]) =>
      `--mark\r\n${[first, second].filter((each) => each !== '').join('\r\n')}\r\n\r\n${said}\r\n`,
  );
const form = damaged(
  fc
    .tuple(
      fc.array(part, { maxLength: 4 }),
      fc.constantFrom('--mark--\r\n', '--mark--', '--mark', ''),
    )
    .map(([parts, end]) => parts.join('') + end),
);

const anyCase = fc.record({
  path: fc.constantFrom('/v1/files', '/v1/audio/transcriptions', '/v1/images/edits', '/v1/uploads/upload_1/parts', '/v1/containers/cntr_1/files'),
  type: fc.constantFrom('multipart/form-data; boundary=mark', 'multipart/form-data; boundary=mark', 'multipart/form-data; boundary="mark"', 'multipart/form-data', 'multipart/form-data; boundary=', 'multipart/form-data; boundary=mark; boundary=other', 'Multipart/Form-Data; BOUNDARY=mark', 'multipart/mixed; boundary=mark', 'application/x-www-form-urlencoded', 'application/json'),
  body: form,
  key: fc.constantFrom(KEY, KEY, ADMIN),
}); // prettier-ignore

export const multipart: FuzzTarget = {
  name: 'multipart',
  run: async (running) => {
    const gateway = await startFuzzedGateway({
      config: `auth: { mode: keys, adminKey: '\${ADMIN}', keys: [{ name: fuzz, key: '\${KEY}' }] }`,
      env: { KEY, ADMIN },
    });
    await fc.assert(
      fc.asyncProperty(anyCase, async ({ path, type, body, key }) => {
        const headers = { 'content-type': type, authorization: `Bearer ${key}` };
        await gateway.ask({ path, body, headers });
      }),
      running,
    );
    await gateway.close();
  },
};
