/** A norm whose deviation is held as it is in this run: what is left of it is linear, and can be put on each summand by itself. */
import type { Norm } from '../anatomy/norms';
import type { SideGraph } from '../fused/sideGraph';

/** What a norm does to a vector beside dividing by the deviation: its mean is taken off (LayerNorm), and it is multiplied by the weight. */
export function heldNorm(g: SideGraph, { kind, weight }: Norm, opset: number): (tensor: string) => string {
  return (tensor) => {
    const centred = kind === 'layer' ? g.add('Sub', [tensor, mean(g, tensor, opset)]) : tensor;
    return weight === '' ? centred : g.add('Mul', [centred, g.toFloat(weight)]);
  };
}

/**
 * The other way: how much a number that is read after the norm in the direction `direction` [1, M] grows with each feature before it,
 * the division by the deviation left out. The transpose of `heldNorm`; taking the mean off is its own transpose.
 */
export function throughHeldNorm(g: SideGraph, { kind, weight }: Norm, opset: number, direction: string): string {
  const weighted = weight === '' ? direction : g.add('Mul', [direction, g.toFloat(weight)]);
  return kind === 'layer' ? g.add('Sub', [weighted, mean(g, weighted, opset)]) : weighted;
}

/** 1/√(mean(x²) + ε) of each token, of x minus its mean for LayerNorm: `tensor` [..., M] to [..., 1]. */
export function reciprocalDeviation(
  g: SideGraph,
  tensor: string,
  { kind, epsilon }: Pick<Norm, 'kind' | 'epsilon'>,
  opset: number,
): string {
  const centred = kind === 'layer' ? g.add('Sub', [tensor, mean(g, tensor, opset)]) : tensor;
  const variance = mean(g, g.add('Mul', [centred, centred]), opset);
  return g.add('Reciprocal', [g.add('Sqrt', [g.add('Add', [variance, g.float(epsilon ?? 1e-5)])])]);
}

/** Over the features. */
function mean(g: SideGraph, tensor: string, opset: number): string {
  return opset >= 18
    ? g.add('ReduceMean', [tensor, g.ints(-1)], { keepdims: 1 })
    : g.add('ReduceMean', [tensor], { axes: [-1], keepdims: 1 });
}
