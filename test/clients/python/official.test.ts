/** The official `openai` and `anthropic` packages of Python, LangChain and LiteLLM. */
import { declarePythonSuite } from '../support/python-suite.ts';

await declarePythonSuite({
  name: 'official',
  requirements: 'requirements.txt',
  sessions: [
    [
      'test_openai_chat.py',
      'test_openai_tools.py',
      'test_openai_endpoints.py',
      'test_openai_responses.py',
      'test_anthropic.py',
      'test_langchain.py',
      'test_litellm.py',
    ],
    // By themselves: so many failures open the breaker of an upstream.
    [
      'test_openai_errors.py',
      'test_anthropic_errors.py',
      'test_langchain_errors.py',
      'test_litellm_errors.py',
    ],
  ],
});
