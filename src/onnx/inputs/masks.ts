/**
 * Which number in a mask means “seen”. A mask goes through a few operations on single numbers (1 − x, · −10000, = 0 …) before it is
 * added to the scores or chooses between them and a very low number: both of its values, 0 and 1, are followed to there.
 */
import type { Flow } from '../graph/flow';
import type { Graph } from '../graph/graph';
import type { GraphNode } from '../graph/node';
import { LAYS_OUT } from '../graph/operators';
import { numberOf } from './constants';

/** What the mask's 0 and its 1 have become. */
type Pair = readonly [number, number];

const KEEPS = new Set([...LAYS_OUT, 'Gather', 'CastLike']);
const MAX_STEPS = 20_000;
/** A score that differs by less hides nothing. */
const HIDES = 10;

const each = (pair: Pair, change: (value: number) => number): Pair => [change(pair[0]), change(pair[1])];

/** @returns 1 or 0: the value of a key that is seen; undefined where the graph does not show it; 'both' where its uses disagree. */
export function seenValue(top: Graph, flow: Flow, input: string): 0 | 1 | 'both' | undefined {
  const votes = new Set<0 | 1>();
  let steps = 0;
  const walk = (graph: Graph, known: Flow, start: ReadonlyMap<string, Pair>): void => {
    const pairs = new Map(start);
    for (const node of graph.nodes) {
      if (++steps > MAX_STEPS) return;
      for (const { node: holder, graph: inner } of graph.subgraphs) {
        const own = known.inner.get(inner);
        if (holder === node && own) walk(inner, own, pairs);
      }
      if (!node.inputs.some((name) => pairs.has(name))) continue;
      const vote = voteOf(graph, known, node, pairs);
      if (vote !== undefined) votes.add(vote);
      const out = vote === undefined ? carried(graph, node, pairs) : undefined;
      if (out && node.outputs[0]) pairs.set(node.outputs[0], out);
    }
  };
  walk(top, flow, new Map([[input, [0, 1]]]));
  if (votes.size === 2) return 'both';
  const [only] = votes;
  return only;
}

/** Where the mask meets the scores: which of its values leaves them as they are. */
function voteOf(graph: Graph, flow: Flow, node: GraphNode, pairs: ReadonlyMap<string, Pair>): 0 | 1 | undefined {
  const content = node.inputs.map((name) => name !== '' && flow.of(name).content !== 0);
  const [a = '', b = '', c = ''] = node.inputs;
  if (node.op === 'Add' || node.op === 'Sub') {
    const pair = pairs.get(a) ?? pairs.get(b);
    if (!pair || !content.includes(true) || (node.op === 'Sub' && pairs.has(a))) return undefined;
    const difference = (pair[1] - pair[0]) * (node.op === 'Sub' ? -1 : 1);
    if (!(Math.abs(difference) >= HIDES)) return undefined;
    return difference > 0 ? 1 : 0;
  }
  const condition = node.op === 'Where' ? pairs.get(a) : undefined;
  if (!condition || (condition[0] !== 0) === (condition[1] !== 0)) return undefined;
  const [whenTrue, whenFalse] = [content[1] === true, content[2] === true];
  if (whenTrue === whenFalse) return undefined;
  const low = numberOf(graph, whenTrue ? c : b);
  if (low === undefined || low > -HIDES) return undefined;
  return (condition[1] !== 0) === whenTrue ? 1 : 0;
}

/** The pair after a node; undefined where it is no function of single numbers. */
function carried(graph: Graph, node: GraphNode, pairs: ReadonlyMap<string, Pair>): Pair | undefined {
  const [a = '', b = ''] = node.inputs;
  if (KEEPS.has(node.op)) return pairs.get(a);
  if (node.op === 'Cast') {
    const pair = pairs.get(a);
    return pair && node.int('to') === 9 ? each(pair, (x) => Number(x !== 0)) : pair;
  }
  if (node.op === 'Not') return mapped(pairs.get(a), (x) => Number(x === 0));
  if (node.op === 'Where') return chosen(graph, node, pairs);
  const first = pairs.get(a);
  const second = pairs.get(b);
  if (first && second) return undefined;
  const pair = first ?? second;
  const other = numberOf(graph, first ? b : a);
  if (!pair) return undefined;
  // What a mask is combined with (the causal mask) lets this key be seen.
  if (other === undefined) return ['And', 'Or', 'Mul', 'Min', 'Add'].includes(node.op) ? pair : undefined;
  const operation = OPERATIONS[node.op];
  return operation && each(pair, (x) => (first ? operation(x, other) : operation(other, x)));
}

function mapped(pair: Pair | undefined, change: (value: number) => number): Pair | undefined {
  return pair && each(pair, change);
}

function chosen(graph: Graph, node: GraphNode, pairs: ReadonlyMap<string, Pair>): Pair | undefined {
  const [condition = '', a = '', b = ''] = node.inputs;
  const value = (name: string, i: 0 | 1): number | undefined => pairs.get(name)?.[i] ?? numberOf(graph, name);
  const at = (i: 0 | 1): number | undefined => {
    const pair = pairs.get(condition);
    // Chosen by something else: one side carries the mask, the other what the rest of the graph wants.
    if (!pair) return pairs.get(a)?.[i] ?? pairs.get(b)?.[i];
    return pair[i] !== 0 ? value(a, i) : value(b, i);
  };
  const [zero, one] = [at(0), at(1)];
  return zero === undefined || one === undefined ? undefined : [zero, one];
}

const OPERATIONS: Readonly<Record<string, (a: number, b: number) => number>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
  Pow: (a, b) => a ** b,
  Min: Math.min,
  Max: Math.max,
  Equal: (a, b) => Number(a === b),
  Greater: (a, b) => Number(a > b),
  GreaterOrEqual: (a, b) => Number(a >= b),
  Less: (a, b) => Number(a < b),
  LessOrEqual: (a, b) => Number(a <= b),
  And: (a, b) => Number(a !== 0 && b !== 0),
  Or: (a, b) => Number(a !== 0 || b !== 0),
};
