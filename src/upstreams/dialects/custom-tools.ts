/** By which large bodies with custom tools or old functions are known, so that others need not be looked through. */
import { isTranslated } from '../../wire/send-as-functions.ts';
import { inLongMembers } from './long-members.ts';

export const FOR_FUNCTIONS = 'custom tools';

/** Done by `customToolsByFunctions`, as the answer changes too. */
inLongMembers(FOR_FUNCTIONS, (body) => (isTranslated(body) ? {} : undefined));
