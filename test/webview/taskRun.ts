/** A real run of a model with a task head (test/fixtures/tasks). */
import { ComputedExplanation } from '../../src/engine/text/computedExplanation';
import { headCosts } from '../../src/engine/ablation/headCosts';
import { leaveOut } from '../../src/engine/ablation/leaveOut';
import { loadTask, taskFiles } from '../parity/taskFixture';
import { gatedGraphs } from '../support/gatedGraphs';
import { EMPTY_SNAPSHOT, TestHost } from './host';
import { PROVIDER } from './realRun';

/** @param said other entries of config.json */
export async function taskRun(
  name: string,
  text: string,
  said: Readonly<Record<string, unknown>> = {},
): Promise<TestHost> {
  const model = await loadTask(name, said);
  const { explanation, encoded } = await ComputedExplanation.create('one', text, 0, model);
  const { window, source, answer = null } = encoded;
  const host = new TestHost(
    { ...EMPTY_SNAPSHOT, model: model.report, provider: PROVIDER, window, source, answer },
    explanation.store,
  );
  const none = (): never => {
    throw new Error('This test leaves out words and ranks heads only.');
  };
  host.switcher = {
    headsOff: none,
    inputWithout: none,
    headCosts: async (wanted, told, signal) =>
      headCosts(explanation, await gatedGraphs(model, taskFiles(name)), wanted, told, signal),
    leaveOut: async (wanted, told, signal) =>
      leaveOut(explanation, await gatedGraphs(model, taskFiles(name)), wanted, told, signal),
  };
  return host;
}
