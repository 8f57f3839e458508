/** Where the stream begins: token embeddings, and how places in the text come in. */
import type { GraphNode } from '../graph/node';
import { computed, existing, missing, type Missing, type Stage } from './stage';
import { MAX_WALK, type GraphView } from './graphView';
import { say } from '../../text/say';

export interface Embedding {
  /** Rows of the table, before anything is added or scaled: [1, T, features]. */
  readonly tokens: Stage;
  /** The tensor of the table itself, where it is one plain matrix: [vocabulary, features]. */
  readonly table: string | Missing;
  /** What is added for each place in the text, where something is. */
  readonly positions: Stage;
  /** What is added for each segment (BERT's sentence A or B). */
  readonly segments: Stage;
}

/** @param stream the tensor that the first block adds to */
export function embedding(view: GraphView, stream: string): Embedding {
  const added: string[] = [];
  const queue = [stream];
  const seen = new Set(queue);
  let rows: GraphNode | undefined;
  for (let i = 0; i < queue.length && i < MAX_WALK && !rows; i++) {
    const node = view.producer(queue[i] ?? '');
    if (!node) continue;
    if (node.op === 'EmbedLayerNormalization') return fusedEmbedding(node);
    if (isTable(view, node) || isScaledTable(view, node)) rows = node;
    if ((node.op === 'Add' || node.op === 'Sum') && !view.norms.byNode.has(node))
      added.push(...node.inputs.filter((input) => input !== '' && !view.hasContent(input)));
    for (const input of view.contentInputs(node)) {
      if (seen.has(input)) continue;
      seen.add(input);
      queue.push(input);
    }
  }
  const kinds = added.map((tensor) => ({ tensor, kind: addedKind(view, tensor) }));
  const segments = kinds.find(({ kind }) => kind === 'segments');
  const positions = kinds.find(({ kind }) => kind === 'positions');
  const tokens = rows?.outputs[0] ?? '';
  const layout = view.flow.of(tokens).rank === 2 ? 'rows' : 'tokens';
  return {
    tokens: rows ? existing(tokens, layout) : missing(say('onnx.gap.noTable')),
    table: rows ? plainTable(view, rows) : missing(say('onnx.gap.noTable')),
    positions: positions ? existing(positions.tensor, 'tokens') : missing(withoutPositions(view)),
    segments: segments ? existing(segments.tensor, 'tokens') : missing(say('onnx.gap.noSegments')),
  };
}

function plainTable(view: GraphView, { op, inputs: [table = ''] }: GraphNode): string | Missing {
  const { constant, rank } = view.flow.of(table);
  return op === 'Gather' && constant && rank === 2 ? table : missing(say('onnx.gap.noPlainTable'));
}

/** EmbedLayerNormalization gives out only the sum of its three rows, so appended nodes look each of them up once more. */
function fusedEmbedding(node: GraphNode): Embedding {
  const [ids = '', segments = '', words = '', places = '', kinds = '', , , , positions = ''] = node.inputs;
  const note = say('onnx.gap.noteLookedUp');
  return {
    tokens: computed('tokens', note, (g) => g.add('Gather', [words, ids])),
    table: words,
    positions: computed('tokens', note, (g) => {
      if (positions !== '') return g.add('Gather', [places, positions]);
      return g.add('Gather', [places, g.reshape(g.range(g.int(0), g.size(ids, 1)), 1, -1)]);
    }),
    segments:
      segments === '' || kinds === ''
        ? missing(say('onnx.gap.noSegments'))
        : computed('tokens', note, (g) => g.add('Gather', [kinds, segments])),
  };
}

function isTable(view: GraphView, node: GraphNode): boolean {
  if (node.op === 'GatherBlockQuantized') return true;
  return node.op === 'Gather' && view.flow.of(node.inputs[0] ?? '').constant && view.hasContent(node.inputs[1] ?? '');
}

/** Rows of integers, each multiplied by a number of its own that is looked up beside it. */
function isScaledTable(view: GraphView, node: GraphNode): boolean {
  const inputs = node.op === 'Mul' ? view.contentInputs(node) : [];
  const makers = inputs.map((input) => view.producer(view.origin(input)));
  return makers.length === 2 && makers.every((maker) => maker !== undefined && isTable(view, maker));
}

/** A vector is a bias; a matrix is a row for each place, by segment where it comes from an input that says so. */
function addedKind(view: GraphView, tensor: string): 'bias' | 'positions' | 'segments' {
  const { rank } = view.flow.of(tensor);
  if (rank >= 0 && rank < 2) return 'bias';
  const queue = [tensor];
  const seen = new Set(queue);
  for (let i = 0; i < queue.length && i < MAX_WALK; i++) {
    const name = queue[i] ?? '';
    if (/token_type|segment/.test(name) && !view.producer(name)) return 'segments';
    for (const input of view.producer(name)?.inputs ?? []) {
      if (input === '' || seen.has(input)) continue;
      seen.add(input);
      queue.push(input);
    }
  }
  return 'positions';
}

function withoutPositions(view: GraphView): string {
  const rotary = view.graph.nodes.some(
    (node) => node.op === 'Cos' || node.op === 'RotaryEmbedding' || node.int('do_rotary') === 1,
  );
  return rotary ? say('onnx.gap.positionsRotated') : say('onnx.gap.noPositions');
}
