/**
 * Inputs by which a text is read in another way, for the lesson: what the masks hide becomes visible, or the rows of the position
 * table are dealt out in another order. Without being asked the model is what it was: off is 0, and the order is 0, 1, 2, …
 */
import type { GraphAnatomy } from '../anatomy/anatomy';
import { isMissing } from '../anatomy/stage';
import { SideGraph } from '../fused/sideGraph';
import type { Graph } from '../graph/graph';
import { PROBE_PREFIX } from '../graph/addedNames';
import type { ProbeGap, ProbeInput } from '../probe/probe';
import { say } from '../../text/say';
import type { Insertion } from './insertions';
import { leadThrough } from './leadThrough';

/** 1 where masks are to hide nothing; 0 else. */
export const MASK_OFF: ProbeInput = { name: `${PROBE_PREFIX}maskOff`, type: 'float32', dims: [1] };
/** Which row of the position table each place of the text gets: int64, one a place. */
export const POSITION_ORDER: ProbeInput = {
  name: `${PROBE_PREFIX}order`,
  type: 'int64',
  dims: ['explain_order'],
};
/** A score below this one is what a mask has put in its place. */
const HIDDEN = -1e4;

export interface PlayControls {
  readonly insertions: readonly Insertion[];
  readonly inputs: readonly ProbeInput[];
  /** What cannot be changed (`maskOff`, `order`), and why. */
  readonly gaps: readonly ProbeGap[];
}

/** @param anatomies of the top graph, or of both branches of a merged decoder */
export function playControls(top: Graph, anatomies: readonly GraphAnatomy[]): PlayControls {
  const insertions: Insertion[] = [];
  const gaps: ProbeGap[] = [];
  const inputs = new Set<ProbeInput>();
  for (const anatomy of anatomies) {
    const lead = (tensor: string, nodes: SideGraph['nodes'], output: string, input: ProbeInput): void => {
      insertions.push(...leadThrough(top, anatomy.branch, { tensor, nodes, output }));
      inputs.add(input);
    };
    for (const { kind, layer, scores, maskedScores } of anatomy.blocks.flatMap((block) => block.attention)) {
      const isThere = !isMissing(scores) && !isMissing(maskedScores);
      if (!isThere || maskedScores.tensor === '' || scores.layout !== maskedScores.layout) {
        gaps.push({ measure: 'maskOff', kind, layer, reason: say('onnx.gap.maskInside') });
        continue;
      }
      const g = new SideGraph(`${PROBE_PREFIX}unmask.${kind}.${layer}`);
      const off = g.add('Greater', [MASK_OFF.name, g.float(0.5)]);
      const hidden = g.add('Less', [g.toFloat(maskedScores.tensor), g.float(HIDDEN)]);
      const seen = g.add('Where', [g.add('And', [hidden, off]), scores.at(g), maskedScores.tensor]);
      lead(maskedScores.tensor, g.nodes, seen, MASK_OFF);
    }
    // One order cannot be that of two texts in one file.
    const [embedding, ...others] = anatomy.embeddings;
    if (!embedding) continue;
    const { stack: kind, positions } = embedding;
    const rank = isMissing(positions) ? 0 : anatomy.view.flow.of(positions.tensor).rank;
    const reason = isMissing(positions) ? positions.missing : say('onnx.gap.positionsInside');
    if (isMissing(positions) || others.length > 0 || (rank !== 2 && rank !== 3)) {
      gaps.push({ measure: 'order', kind, layer: -1, reason });
      continue;
    }
    const g = new SideGraph(`${PROBE_PREFIX}reorder.${kind}`);
    const dealt = g.add('Gather', [positions.tensor, POSITION_ORDER.name], { axis: rank - 2 });
    lead(positions.tensor, g.nodes, dealt, POSITION_ORDER);
  }
  return { insertions, inputs: [...inputs], gaps };
}
