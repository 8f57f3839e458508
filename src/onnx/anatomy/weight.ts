/** A projection's weight as one dense matrix [features in, features out], whatever form the file keeps it in. */
import type { GraphNode } from '../graph/node';
import { copyNode } from '../edit/copyNode';
import type { SideGraph } from '../fused/sideGraph';
import { missing, type Missing } from './stage';
import type { GraphView } from './graphView';
import { say } from '../../text/say';

export interface DenseWeight {
  /** The initializer's name, or '' where the matrix is computed. */
  readonly initializer: string;
  /** Where the matrix comes from, for reports. */
  readonly note: string;
  /** The matrix's tensor; appends to `g` what is needed to compute it. The file's own weight is named, never copied. */
  at(g: SideGraph): string;
}

/** @param node a product with a weight, see `projected` */
export function denseWeight(view: GraphView, node: GraphNode): DenseWeight | Missing {
  const input = (place: number): string => node.inputs[place] ?? '';
  switch (node.op) {
    case 'MatMul':
      return plain(view, node, input(1), false);
    case 'Gemm':
      if ((node.int('transA') ?? 0) !== 0) return missing(say('onnx.gap.gemmTransposed'));
      if ((node.float('alpha') ?? 1) !== 1) return missing(say('onnx.gap.gemmScales'));
      return plain(view, node, input(1), node.int('transB') === 1);
    case 'FusedMatMul':
    case 'TransposeMatMul':
      if (node.int('transA') === 1 || (node.float('alpha') ?? 1) !== 1)
        return missing(say('onnx.gap.transposesOrScales', { operator: node.op }));
      return plain(view, node, input(1), node.int('transB') === 1);
    case 'MatMulNBits':
    case 'MatMulBnb4':
    case 'MatMulFpQ4':
      return throughIdentity(node);
    case 'MatMulInteger': {
      const scale = integerScale(view, node);
      if (scale === undefined) return missing(say('onnx.gap.noScale'));
      return dequantised(input(1), scale, input(3), node);
    }
    case 'MatMulIntegerToFloat':
      return dequantised(input(1), input(3), input(5), node);
    case 'DynamicQuantizeMatMul':
      return dequantised(input(1), input(2), input(3), node);
    case 'QLinearMatMul':
    case 'QGemm':
      if (node.int('transB') === 1) return missing(say('onnx.gap.quantisedTransposed'));
      return dequantised(input(3), input(4), input(5), node);
    default:
      return missing(say('onnx.gap.weightUnreadable', { operator: node.op }));
  }
}

function plain(view: GraphView, node: GraphNode, name: string, transposed: boolean): DenseWeight | Missing {
  const { rank } = view.flow.of(name);
  if (rank >= 0 && rank !== 2) return missing(say('onnx.gap.weightRank', { rank }));
  const initializer = view.graph.initializer(name) ? name : '';
  const note = noteOf(node.op, transposed, initializer === '');
  return { initializer, note, at: (g) => (transposed ? g.transpose(g.toFloat(name), 1, 0) : g.toFloat(name)) };
}

function noteOf(operator: string, transposed: boolean, computed: boolean): string {
  if (transposed && computed) return say('onnx.gap.noteTransposedComputed', { operator });
  if (computed) return say('onnx.gap.noteComputed', { operator });
  return transposed ? say('onnx.gap.noteTransposedWeight', { operator }) : operator;
}

/** A packed weight is unpacked by its own operator: what it makes of the identity matrix is the weight. */
function throughIdentity(node: GraphNode): DenseWeight | Missing {
  const size = node.int('K') ?? 0;
  if (size <= 0) return missing(say('onnx.gap.noFeatures', { operator: node.op }));
  return {
    initializer: '',
    note: say('onnx.gap.noteUnpacked', { operator: node.op }),
    at(g) {
      const identity = g.add('EyeLike', [g.add('ConstantOfShape', [g.ints(size, size)])], { dtype: 1 });
      return g.node((output) => copyNode(node, { inputs: [identity, ...node.inputs.slice(1, 4)], outputs: [output] }));
    },
  };
}

function dequantised(weight: string, scale: string, zero: string, node: GraphNode): DenseWeight | Missing {
  if (weight === '' || scale === '') return missing(say('onnx.gap.noWeightScale', { operator: node.op }));
  return {
    initializer: '',
    note: say('onnx.gap.noteDequantised', { operator: node.op }),
    at: (g) => g.add('DequantizeLinear', zero === '' ? [weight, scale] : [weight, scale, zero], { axis: 1 }),
  };
}

/** Behind a MatMulInteger stands a product with the scales of both operands: the constant one is the weight's. */
function integerScale(view: GraphView, node: GraphNode): string | undefined {
  let tensor = node.outputs[0] ?? '';
  for (let i = 0; i < 4; i++) {
    const [taker] = view.takers(tensor);
    if (!taker) return undefined;
    if (taker.op === 'Mul') {
      const scales = taker.inputs.find((name) => name !== tensor) ?? '';
      if (view.flow.of(scales).constant) return undefined;
      const both = view.producer(scales);
      return both?.op === 'Mul' ? both.inputs.find((name) => view.flow.of(name).constant) : undefined;
    }
    if (taker.op !== 'Cast') return undefined;
    tensor = taker.outputs[0] ?? '';
  }
  return undefined;
}
