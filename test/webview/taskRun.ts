/** A real run of a model with a task head (test/fixtures/tasks). */
import { ComputedExplanation } from '../../src/engine/text/computedExplanation';
import { loadTask } from '../parity/taskFixture';
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
  return new TestHost(
    { ...EMPTY_SNAPSHOT, model: model.report, provider: PROVIDER, window, source, answer },
    explanation.store,
  );
}
