/** What a run of the attribution is fed beside the text. */
import type { GraphView } from '../../anatomy/graphView';
import type { SideGraph } from '../../fused/sideGraph';
import { PROBE_PREFIX } from '../../graph/addedNames';
import type { ProbeInput } from '../probe';

/** How many tokens the logits are read for: one, and one that is held against it. */
export const ATTRIBUTED_TOKENS = 2;

/** The place whose logits are read, the tokens, and what each token's logit is multiplied by. */
export const ATTRIBUTION_INPUTS = {
  place: { name: `${PROBE_PREFIX}place`, type: 'int64', dims: [1] },
  tokens: { name: `${PROBE_PREFIX}tokens`, type: 'int64', dims: [ATTRIBUTED_TOKENS] },
  signs: { name: `${PROBE_PREFIX}signs`, type: 'float32', dims: [ATTRIBUTED_TOKENS] },
} as const satisfies Readonly<Record<string, ProbeInput>>;

/** The features of a tensor at the place, as float32 [1, features]. @param rank of the tensor: 2 where the batch is left out */
export function placeRow(g: SideGraph, view: GraphView, tensor: string, rank = view.flow.of(tensor).rank): string {
  const rows = rank === 2 ? tensor : g.add('Flatten', [tensor], { axis: 2 });
  return g.toFloat(g.add('Gather', [rows, ATTRIBUTION_INPUTS.place.name], { axis: 0 }));
}
