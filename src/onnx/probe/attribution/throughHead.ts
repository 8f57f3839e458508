/** Leads a direction back through what stands between the last stream and the vocabulary. */
import { ownBias } from '../../anatomy/linearWay';
import type { HeadLayer, HeadWay } from '../../anatomy/predictionHead';
import type { SideGraph } from '../../fused/sideGraph';
import type { DirectionBack } from './directionBack';

export function throughHead(g: SideGraph, back: DirectionBack, { before, layer }: HeadWay): void {
  if (layer) throughLayer(g, back, layer);
  back.direction = back.along(before);
}

/**
 * As a norm's deviation, an activation is held as it is in this run: as the factor that it gives each number, f(x)/x, which for GELU and
 * ReLU is how far its gate is open. A number of 0 brings nothing, whatever its factor.
 */
function throughLayer(g: SideGraph, back: DirectionBack, { node, weight, shift, activation, after }: HeadLayer): void {
  const { input, bias, output } = activation;
  back.direction = back.along(after);
  const read = back.row(input);
  const taken = bias === '' ? read : g.add('Add', [read, g.toFloat(bias)]);
  const isZero = g.toFloat(g.add('Not', [g.add('Cast', [taken], { to: BOOL })]));
  const factor = g.add('Div', [back.row(output), g.add('Add', [taken, isZero])]);
  back.direction = g.add('Mul', [back.direction, factor]);
  back.constant(bias);
  back.direction = back.along(shift);
  back.constant(ownBias(node));
  back.direction = g.reshape(g.add('MatMul', [weight.at(g), g.reshape(back.direction, -1, 1)]), 1, -1);
}

/** TensorProto.DataType. */
const BOOL = 9;
