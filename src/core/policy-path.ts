/** How a policy is referred to: by the name of one that ships, or by the path of its file. */

/** A path has a separator or an extension; a name has neither. */
export const isPolicyPath = (reference: string): boolean => /[/\\]|\.(ya?ml|json)$/.test(reference);
