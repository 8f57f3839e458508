/** A real run of a model with a task head (test/fixtures/tasks). */
import { ComputedExplanation } from '../../src/engine/text/computedExplanation';
import { headCosts } from '../../src/engine/ablation/headCosts';
import { headsOff } from '../../src/engine/ablation/headsOff';
import { inputWithout } from '../../src/engine/ablation/inputWithout';
import { rankPieces } from '../../src/engine/ablation/rankPieces';
import type { TextPair } from '../../src/protocol/engine';
import type { PairOrder } from '../../src/session/subject/subject';
import { loadTask, taskFiles } from '../parity/taskFixture';
import { gatedGraphs } from '../support/gatedGraphs';
import { EMPTY_SNAPSHOT, TestHost } from './host';
import { PROVIDER } from './realRun';

/** Two selections, a line each. */
export type TwoTexts = readonly [one: string, other: string];

/**
 * Two selections are read as a pair; the host's `setPair` reads them again, as the extension host does.
 * @param said other entries of config.json
 */
export async function taskRun(
  name: string,
  selected: string | TwoTexts,
  said: Readonly<Record<string, unknown>> = {},
): Promise<TestHost> {
  const model = await loadTask(name, said);
  const text = typeof selected === 'string' ? selected : selected.join('\n');
  const read = async (order: PairOrder) => {
    const pair = typeof selected === 'string' ? undefined : pairOf(selected, order);
    const { explanation, encoded } = await ComputedExplanation.create('one', text, 0, model, pair ? { pair } : {});
    const { window, source, answer = null } = encoded;
    return { explanation, now: { window, source, answer, pair: pair || order === 'one' ? order : null } };
  };
  let { explanation, now } = await read('given');
  const host = new TestHost({ ...EMPTY_SNAPSHOT, model: model.report, provider: PROVIDER, ...now }, explanation.store);
  host.pairing = async (order) => {
    ({ explanation, now } = await read(order));
    host.weights = explanation.store;
    host.update(now);
  };
  host.switcher = {
    headsOff: async ({ off }, signal) =>
      headsOff(explanation, await gatedGraphs(model, taskFiles(name)), { off }, signal),
    inputWithout: async (wanted, signal) =>
      inputWithout(explanation, await gatedGraphs(model, taskFiles(name)), wanted, signal),
    headCosts: async (wanted, told, signal) =>
      headCosts(explanation, await gatedGraphs(model, taskFiles(name)), wanted, told, signal),
    leaveOut: async (wanted, told, signal) =>
      rankPieces(explanation, await gatedGraphs(model, taskFiles(name)), wanted, told, signal),
  };
  return host;
}

function pairOf([one, other]: TwoTexts, order: PairOrder): TextPair | undefined {
  const spans = [
    { start: 0, end: one.length },
    { start: one.length + 1, end: one.length + 1 + other.length },
  ] as const;
  if (order === 'one') return undefined;
  return order === 'given' ? { first: spans[0], second: spans[1] } : { first: spans[1], second: spans[0] };
}
