/** LlamaIndex for Python. */
import { declarePythonSuite } from '../support/python-suite.ts';

await declarePythonSuite({
  name: 'llamaindex',
  requirements: 'requirements-llamaindex.txt',
  sessions: [['test_llamaindex.py']],
});
