/** What the taps cost: the bundled model's forward passes with attention taken out and without, and native ONNX Runtime. */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { loadGraph } from '../support/loadGraph';
import { findGraphs } from '../../src/engine/files/modelFiles';
import { createSession } from '../../src/engine/runtime/ortSession';
import { Encoder } from '../../src/transformer/encoder';
import { Decoder } from '../../src/transformer/decoder';
import { KeyValueCache } from '../../src/transformer/cache';
import { readModelSpec } from '../../src/transformer/spec';
import { useNodeRuntime } from '../parity/nodeRuntime';
import { BUNDLED, readFolder } from '../parity/reference';
import { change, inTurn, median, ratio, report } from './measure';

const RUNS = 15;
useNodeRuntime();
const files = readFolder(BUNDLED);
const json = (name: string): unknown => JSON.parse(new TextDecoder().decode(files[name]));
const spec = readModelSpec(json('config.json'), json('generation_config.json'));
const [encoderFile, decoderFile] = findGraphs(files);
if (!encoderFile || !decoderFile) throw new Error('not an encoder-decoder');

const plain = async (file: typeof encoderFile, inputs: Awaited<ReturnType<typeof loadGraph>>) => ({
  session: await createSession(file.bytes, {
    path: 'model.onnx',
    provider: 'wasm',
    externalData: [],
    disabledOptimizers: [],
    inputs: inputs.session.inputs,
    onDevice: [],
  }),
  taps: [],
});
const tapped = await loadGraph(encoderFile, files, json('config.json'), { provider: 'wasm' });
const tappedEncoder = new Encoder(tapped, 'encoder', spec);
const plainEncoder = new Encoder(await plain(encoderFile, tapped), 'encoder', spec);
const tappedGraph = await loadGraph(decoderFile, files, json('config.json'), { provider: 'wasm' });
const tappedDecoder = new Decoder(tappedGraph, decoderFile.role, spec);
const plainDecoder = new Decoder(await plain(decoderFile, tappedGraph), decoderFile.role, spec);
const native = await InferenceSession.create(Buffer.from(encoderFile.bytes), {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
});

for (const tokens of [16, 128, 512]) {
  const ids = Array.from({ length: tokens }, (_, i) => 20 + ((i * 37) % 3000));
  const whole = async (decoder: Decoder): Promise<void> => {
    const cache = new KeyValueCache();
    await decoder.feed(ids.slice(0, 64), cache, states, 1);
    cache.clear();
  };
  const states = { states: (await plainEncoder.run(ids)).output, length: tokens };
  const [without = [], with_ = [], nativeTimes = []] = await inTurn(
    [
      () => plainEncoder.run(ids),
      () => tappedEncoder.run(ids),
      () =>
        native.run({
          input_ids: new Tensor('int64', BigInt64Array.from(ids, BigInt), [1, tokens]),
          attention_mask: new Tensor('int64', new BigInt64Array(tokens).fill(1n), [1, tokens]),
        }),
    ],
    RUNS,
  );
  const group = `encoder, ${tokens} tokens`;
  report({ group, name: 'untapped', value: median(without), unit: 'ms', runs: RUNS });
  report({
    group,
    name: 'tapped, all weights read',
    value: median(with_),
    unit: 'ms',
    runs: RUNS,
    note: change(ratio(without, with_)),
  });
  report({
    group,
    name: 'native onnxruntime-node, untapped',
    value: median(nativeTimes),
    unit: 'ms',
    runs: RUNS,
    note: `WASM takes ${(1 / ratio(without, nativeTimes)).toFixed(1)} times as long`,
  });
  const [decoderWithout = [], decoderWith = []] = await inTurn(
    [() => whole(plainDecoder), () => whole(tappedDecoder)],
    RUNS,
  );
  const both = `decoder, ${Math.min(64, tokens)} tokens in one pass over ${tokens}`;
  report({ group: both, name: 'untapped', value: median(decoderWithout), unit: 'ms', runs: RUNS });
  report({
    group: both,
    name: 'tapped, all weights read',
    value: median(decoderWith),
    unit: 'ms',
    runs: RUNS,
    note: change(ratio(decoderWithout, decoderWith)),
  });
}
