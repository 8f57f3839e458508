/**
 * softmax(scale·Q·Kᵀ + bias, masked) as a side graph in float32, for fused attention whose own probabilities never leave the operator.
 * Q is [batch, heads, queries, size], K [batch, kvHeads, keys, size].
 */
import type { SideGraph } from './sideGraph';

export interface ScoreOptions {
  readonly heads: number;
  readonly kvHeads: number;
  /** What Q·Kᵀ is multiplied by; 0 stands for one over the square root of the head's size. */
  readonly scale: number;
  /** scores = softcap·tanh(scores / softcap); 0: none. */
  readonly softcap: number;
  /** Added to the scores; broadcasts to [batch, heads, queries, keys]. */
  readonly bias: readonly string[];
  /** A query looks at its own place and before; the queries are the last of the keys. */
  readonly causal: boolean;
  /** How many places a query looks at, its own counted in; 0 where it looks at all that it may see. */
  readonly window: number;
  /** A further logit of each head that takes a part of the mass and belongs to no key: a tensor [heads], `zero`, or none. */
  readonly sink: { readonly tensor: string } | 'zero' | undefined;
}

const LOWEST = -3.4028234663852886e38;

/** @returns the tensor of probabilities [batch, heads, queries, keys]. */
export function probabilities(g: SideGraph, query: string, key: string, options: ScoreOptions): string {
  const { heads, kvHeads } = options;
  const keyT = g.transpose(key, 0, 1, 3, 2);
  // Grouped-query attention: the heads of a group are stacked as further queries of their one key head.
  const grouped = heads !== kvHeads;
  const product = g.add('MatMul', [grouped ? g.reshape(query, 0, kvHeads, -1, 0) : query, keyT]);
  let scores = grouped ? g.reshape(product, 0, heads, -1, 0) : product;
  scores =
    options.scale === 0
      ? g.add('Div', [scores, g.add('Sqrt', [g.toFloat(g.size(query, 3))])])
      : g.add('Mul', [scores, g.float(options.scale)]);
  if (options.softcap > 0) {
    const cap = g.float(options.softcap);
    scores = g.add('Mul', [g.add('Tanh', [g.add('Div', [scores, cap])]), cap]);
  }
  for (const bias of options.bias) scores = g.add('Add', [scores, g.toFloat(bias)]);
  if (options.causal) scores = g.add('Where', [allowed(g, query, key, options.window), scores, g.float(LOWEST)]);
  if (options.sink === undefined) return g.add('Softmax', [scores], { axis: -1 });
  const column = g.slice(scores, 3, 0, 1); // [batch, heads, queries, 1]
  const zero = g.add('Mul', [column, g.float(0)]);
  const logit =
    options.sink === 'zero' ? zero : g.add('Add', [zero, g.reshape(g.toFloat(options.sink.tensor), 1, heads, 1, 1)]);
  return g.slice(g.add('Softmax', [g.add('Concat', [scores, logit], { axis: 3 })], { axis: -1 }), 3, 0, -1);
}

/** Which keys each query may see under a causal mask and a window (0: none): a tensor of booleans [queries, keys]. */
function allowed(g: SideGraph, query: string, key: string, window: number): string {
  const keys = g.size(key, 2);
  const i = g.reshape(places(g, query, key), -1, 1);
  const j = g.reshape(g.range(g.int(0), keys), 1, -1);
  const before = g.add('LessOrEqual', [j, i]);
  return window > 0 ? g.add('And', [before, g.add('Greater', [j, g.add('Sub', [i, g.int(window)])])]) : before;
}

/** Places of the queries among the keys: keys − queries, …, keys − 1, an int64 vector. */
export function places(g: SideGraph, query: string, key: string): string {
  const keys = g.size(key, 2);
  return g.range(g.add('Sub', [keys, g.size(query, 2)]), keys);
}

/**
 * A padding mask as something to add to the scores, as ONNX Runtime's kernels do: 0 where a key may be seen, `filter` where not.
 * @param rank of the mask: 1 counts each text's valid keys, 2 is [batch, keys], 3 is [batch, queries, keys]
 */
export function paddingBias(g: SideGraph, mask: string, rank: 1 | 2 | 3, key: string, filter: number): string {
  let seen: string;
  if (rank === 1) {
    const lengths = g.reshape(g.add('Cast', [mask], { to: 7 }), -1, 1, 1, 1);
    seen = g.add('Less', [g.range(g.int(0), g.size(key, 2)), lengths]);
  } else {
    const shape = rank === 2 ? [0, 1, 1, -1] : [0, 1, -1];
    const shaped = rank === 2 ? g.reshape(mask, ...shape) : g.add('Unsqueeze', [mask, g.ints(1)]);
    seen = g.add('Greater', [g.add('Cast', [shaped], { to: 7 }), g.int(0)]);
  }
  return g.add('Where', [seen, g.float(0), g.float(filter)]);
}
