/** From the heads' outputs to the projection that joins them (W_O), and its weight. */
import type { GraphNode } from '../graph/node';
import { operands, projected, SAME_VALUES } from '../graph/operators';
import { missing, type Missing, type Stage } from './stage';
import { denseWeight, type DenseWeight } from './weight';
import { MAX_WALK, type GraphView } from './graphView';
import { listOf } from '../../text/listInSentence';
import { say } from '../../text/say';

export interface Projection {
  readonly node: GraphNode;
  /** [features in, features out], or why it cannot be read or is not a linear map of the heads alone. */
  readonly weight: Stage<DenseWeight>;
}

/** @param from the heads' outputs */
export function projectionAfter(view: GraphView, from: string): Projection | Missing {
  const queue: { readonly tensor: string; readonly blocked: string }[] = [{ tensor: from, blocked: '' }];
  const seen = new Set([from]);
  const stops = new Set<string>();
  for (let i = 0; i < queue.length && i < MAX_WALK; i++) {
    const place = queue[i];
    if (!place) break;
    for (const node of view.takers(place.tensor)) {
      const places = operands(node);
      if (places && projected(node, view.flow) === place.tensor) {
        const weight = place.blocked === '' ? denseWeight(view, node) : missing(place.blocked);
        return { node, weight };
      }
      const step = passes(view, node, place.tensor);
      if (step === undefined) {
        stops.add(node.op);
        continue;
      }
      const output = view.norms.byNode.get(node)?.output ?? node.outputs[0] ?? '';
      if (output === '' || seen.has(output)) continue;
      seen.add(output);
      queue.push({ tensor: output, blocked: place.blocked === '' ? step : place.blocked });
    }
  }
  return missing(
    stops.size > 0
      ? say('onnx.gap.headsGoTo', { operators: listOf([...stops].slice(0, 4)) })
      : say('onnx.gap.headsGoNowhere'),
  );
}

/**
 * What a node on the way to the projection does to the heads' outputs.
 * @returns '' where it leaves them as they are; the reason where the projection is no longer a map of the heads alone; undefined
 *   where the way ends here
 */
function passes(view: GraphView, node: GraphNode, tensor: string): string | undefined {
  if (SAME_VALUES.has(node.op)) return node.inputs[0] === tensor ? '' : undefined;
  if (view.norms.byNode.has(node)) return say('onnx.gap.headsNormalised');
  if (node.op === 'Concat') return say('onnx.gap.headsJoined');
  if (node.op === 'Mul') {
    return node.inputs.every((input) => input === tensor || !view.hasContent(input))
      ? say('onnx.gap.headsScaled')
      : say('onnx.gap.headsGated');
  }
  return undefined;
}
