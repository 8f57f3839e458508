/** Weights that a file keeps as bytes, turned into numbers before the runtime sees them. */
import { describe, expect, test } from 'vitest';
import { dequantized } from '../../../src/onnx/edit/dequantized';
import { edit } from '../../../src/onnx/edit/insertions';
import { openModel } from '../../../src/onnx/graph/onnxFile';
import { concat } from '../../../src/onnx/wire/writer';
import { modelBytes, type GraphSpec, type NodeSpec } from './modelBuilder';

const FLOAT = 1;
const BYTES = Int8Array.of(1, -2, 127, -128, 0, 5);
const COLUMNS = Float32Array.of(0.5, 0.1, -3);

/** Numbers of a weight [2, 3] by its scales, and what takes them. */
const chain = (scale: string, to: string, more: readonly NodeSpec[] = []): readonly NodeSpec[] => [
  { op: 'Cast', inputs: ['w'], outputs: [`${to}.cast`], attributes: { to: FLOAT } },
  { op: 'Mul', inputs: [`${to}.cast`, scale], outputs: [to] },
  ...more,
];
const taken: NodeSpec = { op: 'MatMul', inputs: ['x', 'w.float'], outputs: ['y'] };
const weights = {
  w: { dims: [2, 3], data: BYTES },
  columns: { dims: [1, 3], data: COLUMNS },
  rows: { dims: [2, 1], data: Float32Array.of(0.25, 0.3) },
  all: { dims: [], data: Float32Array.of(0.7) },
};
const inputs = [{ name: 'x', type: 'float', dims: [1, 2] }] as const;
const outputs = [{ name: 'y', type: 'float' }] as const;

/** The edited model, and its numbers by name; undefined where nothing is done. */
function edited(graph: GraphSpec) {
  const model = openModel(modelBytes(graph));
  const made = dequantized(model);
  if (!made) return undefined;
  const { graph: top } = openModel(concat(edit(model.bytes, made.insertions, made.suffix)));
  const numbers = new Float32Array(made.externalData.data.buffer);
  let at = 0;
  const byName = Object.fromEntries(
    [...top.initializers.values()]
      .filter(({ external }) => external === made.externalData.path)
      .map(({ name, dims }) => [name, [...numbers.slice(at, (at += dims.reduce((a, b) => a * b, 1)))]]),
  );
  return { top, numbers: byName };
}

const times = (scale: (row: number, column: number) => number): readonly number[] =>
  [...BYTES].map((byte, at) => Math.fround(byte * scale(Math.floor(at / 3), at % 3)));

describe('weights that are kept as bytes', () => {
  test.each([
    ['columns', times((_, column) => COLUMNS[column] ?? 0)],
    ['rows', times((row) => Math.fround([0.25, 0.3][row] ?? 0))],
    ['all', times(() => Math.fround(0.7))],
  ])('are multiplied by a scale for %s, and nodes, bytes and scales are gone', (scale, wanted) => {
    const made = edited({ nodes: [...chain(scale, 'w.float'), taken], weights, inputs, outputs });
    expect(made?.numbers).toEqual({ 'w.float': wanted });
    expect(made?.top.nodes.map(({ op }) => op)).toEqual(['MatMul']);
    expect([...(made?.top.initializers.keys() ?? [])].sort()).toEqual(
      [...['columns', 'rows', 'all'].filter((name) => name !== scale), 'w.float'].sort(),
    );
  });

  test('are made once for both branches of a merged decoder, transposed where both transpose them', () => {
    const branch = (name: string): GraphSpec => ({
      nodes: [
        ...chain('columns', 'w.float'),
        { op: 'Transpose', inputs: ['w.float'], outputs: [`${name}.t`], attributes: { perm: [1, 0] } },
        { op: 'MatMul', inputs: ['x3', `${name}.t`], outputs: ['y'] },
      ],
      outputs: [{ name: 'y' }],
    });
    const made = edited({
      nodes: [
        {
          op: 'If',
          inputs: ['cached'],
          outputs: ['y'],
          branches: { then_branch: branch('past'), else_branch: branch('none') },
        },
      ],
      weights,
      inputs: [
        { name: 'cached', type: 'bool' },
        { name: 'x3', type: 'float', dims: [1, 3] },
      ],
      outputs,
    });
    const own = times((_, column) => COLUMNS[column] ?? 0);
    expect(made?.numbers).toEqual({
      'w.float': own,
      'w.float.transposed': [0, 3, 1, 4, 2, 5].map((at) => own[at]),
    });
    for (const { graph } of made?.top.subgraphs ?? [])
      expect(graph.nodes.map(({ op, inputs: from }) => [op, ...from])).toEqual([
        ['MatMul', 'x3', 'w.float.transposed'],
      ]);
    expect(made?.top.subgraphs).toHaveLength(2);
  });

  test('a weight that something else needs stays beside its numbers', () => {
    const gather: NodeSpec = { op: 'Gather', inputs: ['w', 'ids'], outputs: ['z'] };
    const made = edited({
      nodes: [...chain('columns', 'w.float'), taken, gather],
      weights: { ...weights, ids: { dims: [1], data: BigInt64Array.of(1n) } },
      inputs,
      outputs: [...outputs, { name: 'z' }],
    });
    expect(made?.top.initializers.has('w')).toBe(true);
    expect(made?.top.nodes.map(({ op }) => op)).toEqual(['MatMul', 'Gather']);
  });

  test.each<[string, Partial<GraphSpec>]>([
    [
      'the cast is taken elsewhere too',
      { nodes: [...chain('columns', 'w.float'), taken, { op: 'Relu', inputs: ['w.float.cast'], outputs: ['z'] }] },
    ],
    ['the numbers are an output', { outputs: [...outputs, { name: 'w.float' }] }],
    ['the weight may be fed', { inputs: [...inputs, { name: 'w' }] }],
    ['the bytes are in another file', { weights: { ...weights, w: { dims: [2, 3], data: BYTES, external: 'w.bin' } } }],
    ['scales are of another shape', { weights: { ...weights, columns: { dims: [3, 1], data: COLUMNS } } }],
    [
      'fewer bytes are there than are announced',
      { weights: { ...weights, w: { dims: [2, 3], data: BYTES.slice(0, 5) } } },
    ],
    ['nothing is kept as bytes', { weights: { ...weights, w: { dims: [2, 3], data: Float32Array.from(BYTES) } } }],
  ])('are left alone where %s', (_, change) => {
    expect(
      edited({ nodes: [...chain('columns', 'w.float'), taken], weights, inputs, outputs, ...change }),
    ).toBeUndefined();
  });
});
