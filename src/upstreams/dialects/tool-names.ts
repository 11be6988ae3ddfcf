/** By which large bodies whose tools have names that clouds refuse are known, so that others need not be looked through. */
import { fittedNames } from '../../wire/tool-names.ts';
import { inLongMembers } from './long-members.ts';

export const TOOL_NAMES = 'tool names';

/** Done by `toolNamesFitted`, as the answer changes too. */
inLongMembers(TOOL_NAMES, (body) => (fittedNames(body) === undefined ? undefined : {}));
