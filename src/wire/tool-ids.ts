/** Anthropic takes ids of tool calls of these characters only; the same in call and result. */
export const fittedToolId = (id: string): string => id.replace(/[^a-zA-Z0-9_-]/g, '_');
