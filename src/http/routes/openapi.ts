/** `GET /openapi.json` */
import type { Handler, HttpParts } from '../parts.ts';

export const getOpenApi = (parts: HttpParts): Handler => {
  let made: Promise<string> | undefined;
  return async () => {
    made ??= described(parts);
    return new Response(await made, { headers: { 'content-type': 'application/json' } });
  };
};

/** Its schemas are made when they are first asked for. */
async function described({ about, basePath }: HttpParts): Promise<string> {
  const { openApi } = await import('../openapi/document.ts');
  return JSON.stringify(openApi({ version: about().version, basePath }));
}
