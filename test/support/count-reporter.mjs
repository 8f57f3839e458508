// @ts-check
import { appendFileSync } from 'node:fs';

/**
 * A vitest reporter that writes every outcome as it comes, one a line, to the file named by EXPLAIN_OUTCOMES:
 * the counts of a tier that is cut off by its time limit are still true.
 * @implements {Partial<import('vitest/node').Reporter>}
 */
export default class CountReporter {
  /** @param {'passed' | 'failed' | 'skipped'} outcome @param {string} name */
  #write(outcome, name) {
    const file = process.env['EXPLAIN_OUTCOMES'];
    if (file) appendFileSync(file, `${JSON.stringify({ outcome, name })}\n`);
  }

  /** @param {import('vitest/node').TestCase} test */
  onTestCaseResult(test) {
    const { state } = test.result();
    this.#write(
      state === 'passed' || state === 'failed' ? state : 'skipped',
      `${test.module.relativeModuleId} > ${test.fullName}`,
    );
  }

  /** A file that does not load, or whose hooks fail, has no test to count. @param {import('vitest/node').TestModule} module */
  onTestModuleEnd(module) {
    const failedTests = [...module.children.allTests('failed')].length;
    if (module.state() === 'failed' && failedTests === 0)
      this.#write('failed', `${module.relativeModuleId} (the file itself)`);
  }

  /** @param {readonly import('vitest/node').TestModule[]} _modules @param {readonly import('vitest').SerializedError[]} errors */
  onTestRunEnd(_modules, errors) {
    for (const error of errors) this.#write('failed', `outside of any test: ${error.message}`);
  }
}
