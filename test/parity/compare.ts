/** Runs a tapped model over a fixture's tokens and measures how far its attention and logits are from the reference. */
import * as ort from 'onnxruntime-web/webgpu';
import { looksBackOnly } from '../../src/attention/selfTest';
import type { AttentionKind } from '../../src/attention/types';
import { mapRuntimeError } from '../../src/engine/runtime/ortSession';
import { openModel } from '../../src/onnx/graph/onnxFile';
import { withKind } from '../../src/onnx/find/relabel';
import { inputMeanings } from '../../src/onnx/inputs/meanings';
import type { TapOutput, TapPlan } from '../../src/onnx/types';
import { mainOutput } from '../../src/transformer/mainOutput';
import { feed, type Given } from './feeds';
import type { Fixture, ModelFile, ReferenceTensor } from './fixture';
import { useNodeRuntime } from './nodeRuntime';
import { baseTolerance, toleranceBeside, toleranceFrom, type Tolerance } from './tolerance';
import { readSignature, planTap } from '../support/fromBytes';

export type Level = 'disabled' | 'basic' | 'all';

export interface Comparison {
  readonly largest: number;
  readonly logits: number;
  readonly tolerance: Tolerance;
  /** Layers compared, by kind. */
  readonly layers: Readonly<Record<AttentionKind, number>>;
  readonly problems: readonly string[];
}

const KINDS = { encoder: 'encoder_self', decoder: 'decoder_self', cross: 'cross' } as const;

export async function compare(fixture: Fixture, level: Level): Promise<Comparison> {
  useNodeRuntime();
  const { reference, config } = fixture;
  if (!reference) throw new Error(`${fixture.folder} has no reference.json`);
  const files = wholePassFiles(fixture.files);
  const weights = new Map<string, Float32Array>();
  const shapes = new Map<string, readonly number[]>();
  let logits: Float32Array = new Float32Array();
  let untapped = (): Promise<Float32Array> => Promise.resolve(logits);
  let encoder: Given['encoder'];
  for (const file of files) {
    const plan = planTap(file.bytes, file.role, config);
    const isDecoder = file.role !== 'encoder' && file.role !== 'model';
    const meanings = inputMeanings(openModel(file.bytes), config);
    const decoderIds = file.role === 'model' ? reference.decoder_input_ids : undefined;
    const given: Given = isDecoder
      ? { meanings, ids: reference.decoder_input_ids ?? reference.input_ids, encoder, config }
      : { meanings, ids: reference.input_ids, decoderIds, config };
    const bytes = plan.assemble();
    const results = await runOnce(bytes, plan, file, fixture, given, level);
    for (const { name, label } of labelled(plan, results)) {
      const tensor = tensorOf(results, name);
      weights.set(label, floats(tensor));
      shapes.set(label, tensor.dims);
    }
    if (file.role === 'encoder') {
      const states = results['last_hidden_state'] ?? Object.values(results)[0];
      if (!states) throw new Error('the encoder gave nothing');
      encoder = { states, length: reference.input_ids.length };
    }
    const name = resultOf(file, plan);
    const last = (from: Readonly<Record<string, ort.Tensor>>): Float32Array =>
      floats(tensorOf(from, name)).slice(-reference.logits_last.data.length);
    if (file.role !== 'encoder') {
      logits = last(results);
      untapped = async () => last(await runOnce(file.bytes, undefined, file, fixture, given, level));
    }
  }
  const base = baseTolerance(files);
  const stated = toleranceFrom(base, reference.rounding);
  const first = measure(fixture, weights, shapes, logits, stated);
  if (!reference.rounding && first.largest <= base && first.logits <= base) return first;
  // Kernels round otherwise than those that the reference was made with: by how much, the file as it came shows, on the same provider
  // and at the same level. The tap itself must change nothing.
  const plain = await untapped();
  const own = difference(plain, reference.logits_last.data);
  const beside = toleranceBeside(base, own);
  const tolerance = reference.rounding
    ? { weights: stated.weights, logits: Math.max(stated.logits, beside.logits) }
    : beside;
  const changed = difference(logits, [...plain]);
  const problems = [...first.problems];
  if (changed > base) problems.push(`with the tap, the logits are ${changed.toExponential(1)} off those without it`);
  // Without a measurement, how far the file itself is off says nothing of the tap: only what the tap changes does.
  return { ...first, logits: reference.rounding ? first.logits : changed, tolerance, problems };
}

function tensorOf(results: Readonly<Record<string, ort.Tensor>>, name: string): ort.Tensor {
  const tensor = results[name];
  if (!tensor) throw new Error(`the output ${name} did not come`);
  return tensor;
}

/** The taps, named as the engine names them once it has seen which way a single file reads. */
function labelled({ role, outputs }: TapPlan, results: Readonly<Record<string, ort.Tensor>>): readonly TapOutput[] {
  if (role !== 'model' || outputs.some(({ kind }) => kind !== 'encoder')) return outputs;
  const maps = outputs.map(({ name }) => {
    const tensor = tensorOf(results, name);
    const [heads = 0, queries = 0, keys = 0] = tensor.dims.slice(-3);
    return { data: floats(tensor), heads, queries, keys };
  });
  return looksBackOnly(maps) ? withKind(outputs, 'decoder') : outputs;
}

/** Of several decoder files, the one that takes everything at once. */
function wholePassFiles(files: readonly ModelFile[]): readonly ModelFile[] {
  const merged = files.find(({ role }) => role === 'decoder-merged');
  return files
    .filter(({ role }) => role !== 'decoder-with-past' && !(merged && role === 'decoder'))
    .sort((a, b) => Number(b.role === 'encoder') - Number(a.role === 'encoder'));
}

/** The output that is compared: what the engine takes for the model's result. */
function resultOf(file: ModelFile, plan: TapPlan): string {
  const declared = readSignature(file.bytes).outputs;
  const session = { outputNames: declared.map(({ name }) => name) };
  return mainOutput({ session, taps: plan.outputs, declared }, ['logits']);
}

/** A file that another provider or a newer runtime is needed for is refused, as the engine does; any other failure is one. */
function whatItNeeds(thrown: unknown): never {
  const error = mapRuntimeError(thrown, 'run', { path: 'model.onnx', provider: 'wasm' });
  throw error.code === 'WEBGPU_NEEDED' ? error : thrown;
}

/** @param plan of the tap that `bytes` hold; undefined for the file as it came */
async function runOnce(
  bytes: Uint8Array,
  plan: TapPlan | undefined,
  file: ModelFile,
  fixture: Fixture,
  given: Given,
  level: Level,
): Promise<Readonly<Record<string, ort.Tensor>>> {
  const disabled = plan?.disabledOptimizers ?? [];
  const external = [...openModel(file.bytes).graph.external];
  const session = await ort.InferenceSession.create(bytes, {
    executionProviders: ['wasm'],
    graphOptimizationLevel: level,
    logSeverityLevel: 4,
    externalData: external.map((path) => ({ path, data: fixture.external(path) })),
    ...(disabled.length > 0 ? { extra: { optimization: { disable_specified_optimizers: disabled.join(';') } } } : {}),
  });
  try {
    const inputs = readSignature(file.bytes).inputs.filter(({ name }) => session.inputNames.includes(name));
    return await session.run(feed(inputs, given)).catch(whatItNeeds);
  } finally {
    await session.release();
  }
}

function measure(
  { reference }: Fixture,
  weights: ReadonlyMap<string, Float32Array>,
  shapes: ReadonlyMap<string, readonly number[]>,
  logits: Float32Array,
  tolerance: Tolerance,
): Comparison {
  const problems: string[] = [];
  const layers = { encoder: 0, decoder: 0, cross: 0 };
  let largest = 0;
  for (const kind of ['encoder', 'decoder', 'cross'] as const) {
    const wanted: readonly ReferenceTensor[] = reference?.attentions[KINDS[kind]] ?? [];
    const got = [...weights.keys()].filter((label) => label.startsWith(`${kind}_`)).length;
    if (got !== wanted.length) problems.push(`${kind}: ${got} layers, wanted ${wanted.length}`);
    for (const [layer, expected] of wanted.entries()) {
      const label = `${kind}_attentions.${layer}`;
      const data = weights.get(label);
      if (!data) continue;
      const dims = shapes.get(label) ?? [];
      const tail = dims.length === 4 ? dims.slice(1) : dims;
      if ((dims.length === 4 && dims[0] !== 1) || tail.join() !== expected.shape.join()) {
        problems.push(`${label}: [${dims.join()}], wanted [1,${expected.shape.join()}]`);
        continue;
      }
      layers[kind]++;
      largest = Math.max(largest, difference(data, expected.data));
    }
  }
  const logitDifference = reference ? difference(logits, reference.logits_last.data) : Number.NaN;
  return { largest, logits: logitDifference, tolerance, layers, problems };
}

/** Largest absolute difference; NaN and a different length count as infinitely far. */
export function difference(got: Float32Array, wanted: readonly number[]): number {
  if (got.length !== wanted.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  for (const [i, value] of wanted.entries()) {
    const distance = Math.abs((got[i] ?? Number.NaN) - value);
    if (!(distance <= largest)) largest = Number.isNaN(distance) ? Number.POSITIVE_INFINITY : distance;
  }
  return largest;
}

/** float32 values of a float tensor; float16 comes as half bits or as Float16Array. */
export function floats(tensor: ort.Tensor): Float32Array {
  const data: unknown = tensor.data;
  if (data instanceof Float32Array) return data;
  if (data instanceof Uint16Array) return Float32Array.from(data, halfToFloat);
  return Float32Array.from(data as Iterable<number>);
}

function halfToFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
