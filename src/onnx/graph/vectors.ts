/** Elements of small integer vectors: shapes that a graph puts together, as far as they can be told without running it. */
import type { Facts } from './facts';
import type { Graph } from './graph';
import type { GraphNode } from './node';

const MAX_VECTOR = 64;

/** @returns the elements of a node's first output where that is a small integer vector or scalar (a shape in the making). */
export function vectorOf(
  graph: Graph,
  node: GraphNode,
  facts: readonly Facts[],
): readonly (number | null)[] | undefined {
  const first = facts[0];
  switch (node.op) {
    case 'Identity':
    case 'Cast':
      return first?.vector;
    case 'Shape': {
      if (!first || first.rank < 0 || first.rank > MAX_VECTOR) return undefined;
      const dims = graph.values.get(node.inputs[0] ?? '')?.dims;
      const all = Array.from({ length: first.rank }, (_, i) => {
        const dim = dims?.[i];
        return typeof dim === 'number' ? dim : null;
      });
      return all.slice(node.int('start') ?? 0, node.int('end') ?? undefined);
    }
    case 'Unsqueeze':
    case 'Squeeze':
      if (!first || first.rank < 0 || first.rank >= 2) return undefined;
      return first.vector ?? (first.rank === 0 ? [null] : undefined);
    case 'Reshape':
      return first?.vector;
    case 'Gather': {
      const indices = facts[1];
      const source = first?.vector;
      const at = indices?.vector;
      if (!source || !indices || indices.rank < 0 || indices.rank > 1) return indices?.rank === 0 ? [null] : undefined;
      return at?.map((i) => (i === null ? null : (source.at(i) ?? null))) ?? (indices.rank === 0 ? [null] : undefined);
    }
    case 'Slice': {
      const source = first?.vector;
      const start = facts[1]?.vector?.[0];
      const end = facts[2]?.vector?.[0];
      const step = facts[4]?.vector?.[0] ?? 1;
      if (!source || typeof start !== 'number' || typeof end !== 'number' || step !== 1) return undefined;
      return source.slice(start, end);
    }
    case 'Concat': {
      const out: (number | null)[] = [];
      for (const part of facts) {
        if (!part.vector) return undefined;
        out.push(...part.vector);
        if (out.length > MAX_VECTOR) return undefined;
      }
      return out;
    }
    case 'Mul':
    case 'Add':
    case 'Sub':
    case 'Div':
    case 'Where':
    case 'Min':
    case 'Max': {
      const length = facts.reduce((most, part) => Math.max(most, part.vector?.length ?? -1), -1);
      const [a, b] = [first?.vector, facts[1]?.vector];
      if (length < 1 || length > MAX_VECTOR || !facts.every((part) => part.rank >= 0 && part.rank < 2))
        return undefined;
      if (!a || !b || node.op === 'Where' || node.op === 'Min' || node.op === 'Max')
        return Array.from({ length }, () => null);
      return Array.from({ length }, (_, i) =>
        arithmetic(node.op, a[a.length === 1 ? 0 : i] ?? null, b[b.length === 1 ? 0 : i] ?? null),
      );
    }
    default:
      return undefined;
  }
}

function arithmetic(op: string, a: number | null, b: number | null): number | null {
  if (a === null || b === null) return null;
  if (op === 'Mul') return a * b;
  if (op === 'Add') return a + b;
  if (op === 'Sub') return a - b;
  return b === 0 ? null : Math.trunc(a / b);
}
