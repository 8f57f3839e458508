/** The direction in which the logits of some tokens are read, at the unembedding and on the way back from it to the last stream. */
import type { GraphAnatomy } from '../../anatomy/anatomy';
import { linearWay } from '../../anatomy/linearWay';
import { headWay, type HeadWay } from '../../anatomy/predictionHead';
import type { Norm } from '../../anatomy/norms';
import { isMissing, type Missing } from '../../anatomy/stage';
import { weightColumns } from '../../anatomy/weightColumns';
import type { SideGraph } from '../../fused/sideGraph';
import { say } from '../../../text/say';
import { ATTRIBUTED_TOKENS, ATTRIBUTION_INPUTS, placeRow } from './attributionInputs';

export interface LogitDirection {
  /** [1, M]: Σ_t s_t u_t over the tokens, with their signs s and columns u of the unembedding. */
  readonly direction: string;
  /** From the last norm, or from the last stream where none stands there, to what the unembedding multiplies. */
  readonly way: HeadWay;
  readonly lastNorm: Norm | undefined;
  /** What the unembedding's bias adds, [1]; '' where it has none. */
  readonly bias: string;
  /** The model's own logits of the tokens, added up with their signs, [1]. */
  readonly logit: string;
}

export function logitDirection(g: SideGraph, anatomy: GraphAnatomy): LogitDirection | Missing {
  const { view, head } = anatomy;
  const { unembedding, logits, nodes } = head;
  const last = anatomy.blocks.at(-1);
  if (isMissing(unembedding)) return unembedding;
  if (isMissing(nodes)) return nodes;
  if (isMissing(logits)) return logits;
  if (isMissing(unembedding.weight)) return unembedding.weight;
  if (!last || isMissing(last.streamAfter)) return { missing: say('onnx.gap.streamLost') };
  const isPostNorm = last.arrangement === 'post-norm';
  if (isMissing(head.lastNorm) && !isPostNorm) return head.lastNorm;
  const lastNorm = isMissing(head.lastNorm) ? undefined : head.lastNorm;
  const way = headWay(view, lastNorm?.output ?? last.streamAfter.tensor, unembedding.input);
  if (isMissing(way)) return { missing: say('onnx.gap.layerBeforeVocabulary', { reason: way.missing }) };

  const { tokens, signs } = ATTRIBUTION_INPUTS;
  const count = ATTRIBUTED_TOKENS;
  const columns = weightColumns(g, view, { ...unembedding, weight: unembedding.weight }, tokens.name, count);
  const given = g.reshape(g.add('Gather', [placeRow(g, view, logits.tensor), tokens.name], { axis: 1 }), count);
  const after = linearWay(view, unembedding.node.outputs[0] ?? '', logits.tensor);
  const isBent = isMissing(after) || after.some(({ does }) => does !== 'add');
  if (isBent && unembedding.bias !== '') return { missing: say('onnx.gap.logitsBent') };
  // What is done to a logit afterwards (a softcap, a scale) is held as what it makes of this one: a factor.
  const product = (): string => g.reshape(g.add('MatMul', [placeRow(g, view, unembedding.input), columns]), count);
  const weights = isBent ? g.add('Mul', [signs.name, g.add('Div', [given, product()])]) : signs.name;
  const summed = (numbers: string): string =>
    g.reshape(g.add('ReduceSum', [g.add('Mul', [numbers, signs.name])], { keepdims: 0 }), 1);
  const bias =
    unembedding.bias === ''
      ? ''
      : summed(g.add('Gather', [g.reshape(g.toFloat(unembedding.bias), -1), tokens.name], { axis: 0 }));
  return {
    direction: g.reshape(g.add('MatMul', [columns, g.reshape(weights, count, 1)]), 1, -1),
    way,
    lastNorm,
    bias,
    logit: summed(given),
  };
}
