/**
 * What the lesson shows of a model's tables, without bringing any of them out whole: the cosines of a token's embedding with all
 * others, and how places come into attention.
 */
import type { AttentionKind } from '../../attention/types';
import type { GraphAnatomy } from '../anatomy/anatomy';
import type { Embedding } from '../anatomy/embedding';
import { rotationOf, scoreBias } from '../anatomy/relativePositions';
import { isMissing } from '../anatomy/stage';
import { LENS_ROWS } from './lens';
import { PartCollector } from './partCollector';
import { PROBE_PREFIX } from '../graph/addedNames';
import type { Probe, ProbeInput } from './probe';

/**
 * Which rows of the table are compared, from the first up to the second: a run keeps the engine from answering until it ends, so that a
 * large table is gone through in several, and a run that wants no cosines reads no row.
 */
export const TABLE_ROWS: ProbeInput = { name: `${PROBE_PREFIX}table_rows`, type: 'int64', dims: [2] };

/** Shorter vectors point nowhere: padding's row is often all zeros. */
const LEAST_LENGTH = 1e-12;

/** Cosines of some tokens' embeddings with `TABLE_ROWS` of the table that they come from: [rows of the table, tokens]. */
function similar(parts: PartCollector, kind: AttentionKind, { tokens, table }: Embedding): void {
  const { g, view } = parts;
  if (isMissing(tokens) || typeof table !== 'string') {
    parts.put('similar', kind, -1, 'matrix', isMissing(tokens) ? tokens : table);
    return;
  }
  const isRows = tokens.layout === 'rows';
  const some = g.add('Gather', [g.toFloat(tokens.at(g)), LENS_ROWS.name], { axis: isRows ? 0 : 1 });
  const rows = isRows ? some : g.add('Flatten', [some], { axis: 2 });
  const length = (tensor: string): string => {
    const own =
      view.opset >= 18
        ? g.add('ReduceL2', [tensor, g.ints(-1)], { keepdims: 1 })
        : g.add('ReduceL2', [tensor], { axes: [-1], keepdims: 1 });
    return g.add('Max', [own, g.float(LEAST_LENGTH)]);
  };
  const [from, to] = [g.slice(TABLE_ROWS.name, 0, 0, 1), g.slice(TABLE_ROWS.name, 0, 1, 2)];
  const compared = g.toFloat(g.add('Slice', [table, from, to, g.ints(0)]));
  const unit = g.transpose(g.add('Div', [rows, length(rows)]), 1, 0);
  parts.put('similar', kind, -1, 'matrix', g.add('Div', [g.add('MatMul', [compared, unit]), length(compared)]));
}

export function lessonTables({ view, embeddings, blocks }: GraphAnatomy, prefix: string): Probe {
  const parts = new PartCollector(view, prefix);
  for (const { stack, ...embedding } of embeddings) {
    similar(parts, stack, embedding);
    const [first] = blocks.filter((block) => block.stack === stack);
    const [attention] = first?.attention ?? [];
    if (!first || !attention) continue;
    const rotation = rotationOf(view, attention, first.streamBefore);
    parts.put('rotaryCosines', stack, -1, 'tokens', isMissing(rotation) ? rotation : rotation.cosines(parts.g));
    parts.put('rotarySines', stack, -1, 'tokens', isMissing(rotation) ? rotation : rotation.sines(parts.g));
    parts.put('scoreBias', stack, -1, 'maps', scoreBias(view, attention));
  }
  const { g, outputs, gaps } = parts;
  return { name: 'lessonTables', nodes: g.nodes, outputs, inputs: [LENS_ROWS, TABLE_ROWS], gaps };
}
