/** `GET /openapi.json` */
import { openApi } from '../openapi/document.ts';
import type { Handler, HttpParts } from '../parts.ts';

export const getOpenApi = (parts: HttpParts): Handler => {
  let made: string | undefined;
  return () => {
    made ??= JSON.stringify(openApi({ version: parts.about().version, basePath: parts.basePath }));
    return new Response(made, { headers: { 'content-type': 'application/json' } });
  };
};
