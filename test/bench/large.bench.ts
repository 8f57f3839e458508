/** A 12-layer, 12-head encoder of width 768 with random weights, tapped and not; and its weights looked at. */
import { AttentionStore } from '../../src/attention/attentionStore';
import { loadGraph } from '../support/loadGraph';
import { createSession } from '../../src/engine/runtime/ortSession';
import { deliver } from '../../src/transformer/capture';
import { Encoder } from '../../src/transformer/encoder';
import { readModelSpec } from '../../src/transformer/spec';
import { useNodeRuntime } from '../parity/nodeRuntime';
import { change, cpu, inTurn, median, ratio, report } from './measure';
import { BASE, randomEncoder } from './randomModel';

/** Fewer runs where one takes long. */
const LENGTHS = [
  [16, 15],
  [128, 9],
  [512, 5],
] as const;
useNodeRuntime();
const { bytes, config } = randomEncoder();
const spec = readModelSpec(config, undefined, 'encoder-only');
const tapped = await loadGraph({ role: 'encoder', path: 'model.onnx', bytes, precision: '' }, {}, config, {
  provider: 'wasm',
});
const tappedEncoder = new Encoder(tapped, 'encoder', spec);
const plainEncoder = new Encoder(
  {
    session: await createSession(bytes, {
      path: 'model.onnx',
      provider: 'wasm',
      externalData: [],
      disabledOptimizers: [],
      inputs: tapped.session.inputs,
      onDevice: [],
    }),
    taps: [],
  },
  'encoder',
  spec,
);
const idsOf = (tokens: number): readonly number[] =>
  Array.from({ length: tokens }, (_, i) => (i * 37) % BASE.vocabulary);

for (const [tokens, runs] of LENGTHS) {
  const ids = idsOf(tokens);
  const [without = [], with_ = []] = await inTurn([() => plainEncoder.run(ids), () => tappedEncoder.run(ids)], runs, 1);
  const group = `12 layers, 12 heads, width 768, ${tokens} tokens`;
  report({ group, name: 'untapped', value: median(without), unit: 'ms', runs });
  report({
    group,
    name: 'tapped, all weights read',
    value: median(with_),
    unit: 'ms',
    runs,
    note: `${change(ratio(without, with_))}, ${((BASE.layers * BASE.heads * tokens * tokens * 4) / 1e6).toFixed(1)} MB of weights`,
  });
}

// What is looked at of a long text: 1,024 tokens, 604 MB of weights that stay in the worker.
const tokens = 1024;
const maps = new Float32Array(BASE.heads * tokens * tokens).map(
  (_, i) => (((i * 2654435761) >>> 0) / 2 ** 32) ** 8 / 114,
);
const kind = 'encoder' as const;
const store = new AttentionStore(
  [{ kind, layers: BASE.layers, heads: BASE.heads, kvHeads: BASE.heads, queries: 'source', keys: 'source' }],
  false,
);
deliver(
  Array.from({ length: BASE.layers }, (_, layer) => ({
    kind,
    layer,
    heads: BASE.heads,
    queries: tokens,
    keys: tokens,
    type: 'float32' as const,
    data: maps.slice(),
  })),
  store,
  0,
);
store.setSpecial(
  'source',
  Array.from({ length: tokens }, (_, i) => i === tokens - 1),
);
const group = `looking at ${(store.bytes / 1e6).toFixed(0)} MB: 1,024 tokens, 12 layers, 12 heads`;
const looks: readonly (readonly [string, () => { readonly byteLength: number }])[] = [
  [
    'atlas of every head, first time (entropy of every row)',
    () => store.atlas({ kind, maxCell: 24, hideSpecial: false }).data,
  ],
  ['atlas again, special tokens hidden', () => store.atlas({ kind, maxCell: 24, hideSpecial: true }).data],
  ['one token in every head, both roles', () => store.tokenWeights('source', [500])[0]?.data ?? new Uint8Array(0)],
  ['one head as bytes', () => store.head({ kind, layer: 6, head: 6 }).data],
];
for (const [name, look] of looks) {
  const times: number[] = [];
  let size = 0;
  for (let i = 0; i < (name.includes('first') ? 1 : 5); i++)
    times.push(await cpu(() => Promise.resolve((size = look().byteLength))));
  report({
    group,
    name,
    value: median(times),
    unit: 'ms',
    runs: times.length,
    note: `${(size / 1e6).toFixed(2)} MB sent`,
  });
}
