/** Some columns of a weight [features in, features out], without the rest of it being computed where its form allows that. */
import { copyNode } from '../edit/copyNode';
import { attribute, type SideGraph } from '../fused/sideGraph';
import type { GraphNode } from '../graph/node';
import { FIELD } from '../wire/proto';
import type { GraphView } from './graphView';
import type { DenseWeight } from './weight';

/**
 * Columns of the weight of a product, as float32 [features in, count].
 * @param ids the name of an int64 vector of `count` numbers
 */
export function weightColumns(
  g: SideGraph,
  view: GraphView,
  { node, weight }: { readonly node: GraphNode; readonly weight: DenseWeight },
  ids: string,
  count: number,
): string {
  const [, name = '', scales = '', zeros = ''] = node.inputs;
  switch (node.op) {
    case 'MatMul':
    case 'Gemm': {
      const rows = node.int('transB') === 1 ? name : transposed(view, name);
      if (rows === undefined) return g.toFloat(g.add('Gather', [name, ids], { axis: 1 }));
      return g.transpose(g.toFloat(g.add('Gather', [rows, ids], { axis: 0 })), 1, 0);
    }
    case 'MatMulNBits': {
      const [size, columns] = [node.int('K') ?? 0, node.int('N') ?? 0];
      // A column's packed numbers are a row of the weight; its scales lie one after another, with zero points or without.
      const cut = (tensor: string): string =>
        tensor === '' ? '' : g.reshape(g.add('Gather', [g.reshape(tensor, columns, -1), ids], { axis: 0 }), -1);
      if (size <= 0 || columns <= 0) break;
      const identity = g.add('EyeLike', [g.add('ConstantOfShape', [g.ints(size, size)])], { dtype: 1 });
      const inputs = [identity, g.add('Gather', [name, ids], { axis: 0 }), cut(scales), cut(zeros)];
      while (inputs.at(-1) === '') inputs.pop();
      return g.node((output) =>
        copyNode(node, { inputs, outputs: [output], without: ['N'] }).message(
          FIELD.node.attribute,
          attribute('N', count),
        ),
      );
    }
  }
  return g.add('Gather', [weight.at(g), ids], { axis: 1 });
}

/** The matrix of which `name` is the transpose, where a node of the graph makes it so. */
function transposed(view: GraphView, name: string): string | undefined {
  const node = view.producer(name);
  return node?.op === 'Transpose' && node.ints('perm')?.join() === '1,0' ? node.inputs[0] : undefined;
}
