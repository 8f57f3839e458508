/**
 * Attention knockout (Geva et al. 2023, 2304.14767): single links are cut by putting −∞ in the place of their scores, before the
 * softmax. An input for each kind of attention says which: [layers, heads or 1, queries or 1, keys or 1], 1 for what is cut, else 0.
 */
import { ATTENTION_KINDS, type AttentionKind } from '../../attention/types';
import type { GraphAnatomy } from '../anatomy/anatomy';
import { isMissing } from '../anatomy/stage';
import { SideGraph } from '../fused/sideGraph';
import type { Graph } from '../graph/graph';
import { PROBE_PREFIX } from '../graph/addedNames';
import type { ProbeGap, ProbeInput } from '../probe/probe';
import { say } from '../../text/say';
import { attentionType, castTo } from './attentionType';
import type { Insertion } from './insertions';
import { leadThrough } from './leadThrough';

export interface Knockouts {
  readonly insertions: readonly Insertion[];
  /** One for each kind of attention whose links can be cut. */
  readonly inputs: readonly (ProbeInput & { readonly kind: AttentionKind })[];
  /** Attention whose masked scores are not in the graph, and why. */
  readonly gaps: readonly ProbeGap[];
}

const inputName = (kind: AttentionKind): string => `${PROBE_PREFIX}knockout.${kind}`;

/** @param anatomies of the top graph, or of both branches of a merged decoder */
export function knockouts(top: Graph, anatomies: readonly GraphAnatomy[]): Knockouts {
  const insertions: Insertion[] = [];
  const gaps: ProbeGap[] = [];
  const layers = new Map<AttentionKind, number>();
  for (const anatomy of anatomies) {
    for (const attention of anatomy.blocks.flatMap((block) => block.attention)) {
      const { kind, layer, maskedScores } = attention;
      if (isMissing(maskedScores) || maskedScores.tensor === '' || maskedScores.layout !== 'maps') {
        const reason = isMissing(maskedScores) ? maskedScores.missing : say('onnx.gap.maskInside');
        gaps.push({ measure: 'knockout', kind, layer, reason });
        continue;
      }
      const { tensor } = maskedScores;
      const g = new SideGraph(`${PROBE_PREFIX}knockout.${kind}.${layer}`);
      const isCut = g.add('Greater', [g.pick(inputName(kind), 0, layer), g.float(0.5)]);
      const never = castTo(g, g.float(-Infinity), attentionType(anatomy, attention), tensor);
      const output = g.add('Where', [isCut, never, tensor]);
      insertions.push(...leadThrough(top, anatomy.branch, { tensor, nodes: g.nodes, output }));
      layers.set(kind, Math.max(layers.get(kind) ?? 0, layer + 1));
    }
  }
  const inputs = ATTENTION_KINDS.flatMap((kind) => {
    const count = layers.get(kind);
    const size = (name: string): string => `explain_knockout_${kind}_${name}`;
    return count === undefined
      ? []
      : [
          {
            kind,
            name: inputName(kind),
            type: 'float32' as const,
            dims: [count, size('heads'), size('queries'), size('keys')],
          },
        ];
  });
  return { insertions, inputs, gaps };
}
