/** The thread that learns the domains of a policy. */
import type { Domain } from '../../core/policy.ts';
import { answerQuestions } from '../../lib/thread-answers.ts';
import { learnDomains } from './learn.ts';

answerQuestions((domains: readonly Domain[]) => learnDomains(domains));
