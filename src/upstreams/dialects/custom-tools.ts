/** By which large bodies with custom tools are known, so that others need not be looked through. */
import { isForFunctions } from '../../wire/custom-as-functions.ts';
import { inLongMembers } from './long-members.ts';

export const FOR_FUNCTIONS = 'custom tools';

/** Done by `customToolsByFunctions`, as the answer changes too. */
inLongMembers(FOR_FUNCTIONS, (body) => (isForFunctions(body) ? {} : undefined));
