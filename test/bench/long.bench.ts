/**
 * 4,096 tokens of a decoder-only model of 12 layers and 12 heads of width 64 with random weights: memory for attention, and how long
 * what is looked at takes. The model is attention and nothing else.
 */
import { AttentionStore } from '../../src/attention/attentionStore';
import { keptScales } from '../../src/engine/trial/keptScales';
import { loadGraph } from '../support/loadGraph';
import { nextTask } from '../../src/engine/macrotask';
import { KeyValueCache } from '../../src/transformer/cache';
import type { WeightReceiver, TappedGraph } from '../../src/transformer/capture';
import { Decoder } from '../../src/transformer/decoder';
import { readInParts } from '../../src/transformer/readInParts';
import { readModelSpec } from '../../src/transformer/spec';
import { useNodeRuntime } from '../parity/nodeRuntime';
import { randomDecoder } from '../parity/randomDecoder';
import { cpu, median, report } from './measure';

const [TOKENS, LAYERS, HEADS] = [4096, 12, 12];
const megabytes = (value: number): string => `${(value / 1e6).toFixed(0)} MB`;
const group = '4,096 tokens, decoder-only, 12 layers, 12 heads of width 64';
const kind = 'decoder' as const;

/** The runtime's own memory, which grows and never shrinks: it is made by the runtime's script, and nobody else makes one. */
let runtimeMemory: WebAssembly.Memory | undefined;
WebAssembly.Memory = new Proxy(WebAssembly.Memory, {
  construct: (made, [descriptor]: [WebAssembly.MemoryDescriptor]) => (runtimeMemory = new made(descriptor)),
});

useNodeRuntime();
const files = randomDecoder({ layers: LAYERS, heads: HEADS, size: 64, positions: TOKENS });
const config: unknown = JSON.parse(new TextDecoder().decode(files['config.json']));
const spec = readModelSpec(config, undefined, 'decoder-only');
const bytes = files['model.onnx'] ?? new Uint8Array(0);
const graph = await loadGraph({ role: 'model', path: 'model.onnx', bytes, precision: '' }, files, config, {
  provider: 'wasm',
});
const decoderOf = (own: TappedGraph): Decoder => {
  const decoder = new Decoder(own, 'model', spec);
  decoder.takesParts = true;
  return decoder;
};
const ids = Array.from({ length: TOKENS }, (_, at) => 4 + ((at * at + 3 * at) % 90));

interface Memory {
  readonly milliseconds: number;
  /** The most that there is between two parts, in bytes: what scripts hold, garbage taken out, and the runtime's own memory. */
  readonly most: number;
}

async function held(): Promise<number> {
  // What a collection finds is given back, and taken off the count, a while after it.
  for (let round = 0; round < 2; round++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return process.memoryUsage().arrayBuffers + (runtimeMemory?.buffer.byteLength ?? NaN);
}

async function read(decoder: Decoder, receiver: WeightReceiver): Promise<Memory> {
  const cache = new KeyValueCache();
  let [parts, most] = [0, 0];
  const pause = async (): Promise<void> => {
    await nextTask();
    if (parts++ % 16 === 0) most = Math.max(most, await held());
  };
  const milliseconds = await cpu(() =>
    readInParts(decoder, ids, cache, undefined, { wanted: 1, receiver, keep: 'queries', pause }),
  );
  most = Math.max(most, await held());
  cache.clear();
  return { milliseconds, most };
}

const nobody: WeightReceiver = { append: () => undefined, takeKeys: () => undefined, truncate: () => undefined };
const plain = await read(decoderOf({ ...graph, taps: [] }), nobody);
const tapped = decoderOf(graph);
tapped.scales = await keptScales(tapped, ids.slice(0, 12));
if (!tapped.scales) throw new Error('The random decoder’s weights are not those of queries and keys.');
const info = { kind, layers: LAYERS, heads: HEADS, kvHeads: HEADS, queries: 'target', keys: 'target' } as const;
const store = new AttentionStore([info], true);
const kept = await read(tapped, store);

report({
  group,
  name: 'memory for attention: the most that is held, beside a reading without it',
  value: (kept.most - plain.most) / 1e6,
  unit: 'MB',
  runs: 1,
  note: `${megabytes(store.bytes)} kept; all weights would be ${megabytes(4 * LAYERS * HEADS * TOKENS ** 2)}; by how much one row in 16 differs from the model’s: ${store.difference.toExponential(0)}`,
});
report({
  group,
  name: 'reading',
  value: kept.milliseconds,
  unit: 'ms',
  runs: 1,
  note: `without attention ${plain.milliseconds.toFixed(0)} ms`,
});
const looks: readonly (readonly [string, () => unknown])[] = [
  ['atlas of every head', () => store.atlas({ kind, maxCell: 24, hideSpecial: false })],
  ['one token in every head, both roles', () => store.tokenWeights('target', [2000])],
  ['one head as bytes', () => store.head({ kind, layer: 6, head: 6 })],
];
for (const [name, look] of looks) {
  const times: number[] = [];
  for (let run = 0; run < 5; run++) times.push(await cpu(() => Promise.resolve(look())));
  report({ group, name, value: median(times), unit: 'ms', runs: times.length });
}
