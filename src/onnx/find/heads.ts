/** How many heads a graph itself says it has, where it says so plainly. */
import { inputRole, type Flow } from '../graph/flow';
import type { Graph } from '../graph/graph';

const THROUGH = new Set([
  'Mul',
  'Div',
  'Add',
  'Sub',
  'Cast',
  'Identity',
  'LayerNormalization',
  'SimplifiedLayerNormalization',
  'RMSNormalization',
]);

/**
 * Query heads from the usual [batch, tokens, heads, size] reshape and transpose in front of the query operand.
 * @returns 0 where the graph is built otherwise or leaves the number open.
 */
export function headsOf(graph: Graph, flow: Flow, query: string): number {
  let name = query;
  let transposed = false;
  for (let i = 0; i < 24; i++) {
    const node = graph.producer.get(name);
    if (!node) return 0;
    if (node.op === 'Transpose' && !transposed) {
      if (node.ints('perm')?.join() !== '0,2,1,3') return 0;
      transposed = true;
    } else if (node.op === 'Reshape' && transposed) {
      const shape = flow.of(node.inputs[1] ?? '').vector;
      const heads = shape?.length === 4 ? (shape[2] ?? 0) : 0;
      return heads > 0 ? heads : 0;
    } else if (!THROUGH.has(node.op)) return 0;
    const next = node.inputs.find((input) => input !== '' && flow.of(input).content !== 0);
    if (next === undefined) return 0;
    name = next;
  }
  return 0;
}

/** Key/value heads from the cached keys' declared shape [batch, heads, past, size]; 0 where there is none. */
export function cachedHeads(graph: Graph): number {
  const caches = graph.inputs.filter((input) => inputRole(input) === 'past' && input.dims?.length === 4);
  // Beside keys and values, hybrid models cache states of other shapes.
  const [cache] = [...caches.filter(({ name }) => /key/.test(name)), ...caches];
  const heads = cache?.dims?.[1];
  return typeof heads === 'number' && heads > 0 ? heads : 0;
}
