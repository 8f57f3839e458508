/** Runs a fixture with probes and gates in it, once over the whole text, on onnxruntime-web's CPU build. */
import * as ort from 'onnxruntime-web/webgpu';
import { anatomyOf, type GraphAnatomy } from '../../src/onnx/anatomy/anatomy';
import { withProbes, type ProbedModel, type ProbeWishes } from '../../src/onnx/edit/withProbes';
import { inputMeanings } from '../../src/onnx/inputs/meanings';
import { openModel } from '../../src/onnx/graph/onnxFile';
import { ATTRIBUTION_INPUTS } from '../../src/onnx/probe/attribution/attributionInputs';
import { LENS_ROWS } from '../../src/onnx/probe/lens';
import { TABLE_ROWS } from '../../src/onnx/probe/lessonTables';
import type { ProbeGap, ProbeOutput } from '../../src/onnx/probe/probe';
import type { AttentionKind } from '../../src/attention/types';
import { mainOutput } from '../../src/transformer/mainOutput';
import type { Level } from './compare';
import { floats } from './compare';
import { feed, type Given } from './feeds';
import type { Fixture, ModelFile } from './fixture';
import { useNodeRuntime } from './nodeRuntime';
import { planTap, readSignature } from '../support/fromBytes';

export interface ProbeResult extends ProbeOutput {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

export interface ProbeRun {
  readonly results: readonly ProbeResult[];
  readonly gaps: readonly ProbeGap[];
  /** The decoder's (or the only file's) logits of all positions, or the encoder's states where there is no more. */
  readonly logits: Float32Array;
  readonly models: readonly ProbedModel[];
}

export interface ProbeSettings {
  readonly level: Level;
  /** `undefined`: the files as they came. */
  readonly wishes: ProbeWishes | undefined;
  /** Gates that are not 1, as [layer, head]. */
  readonly off?: Readonly<Partial<Record<AttentionKind, readonly (readonly [number, number])[]>>>;
  /** Places in the text for the lens; all of them if left out. */
  readonly rows?: readonly number[];
  /** Where an attribution reads the logits, and of which tokens. */
  readonly read?: { readonly row: number; readonly token: number; readonly other: number | null };
}

/** Of several decoder files, the one that takes everything at once; the encoder first. */
export function wholePass(files: readonly ModelFile[]): readonly ModelFile[] {
  const merged = files.find(({ role }) => role === 'decoder-merged');
  return files
    .filter(({ role }) => role !== 'decoder-with-past' && !(merged && role === 'decoder'))
    .sort((a, b) => Number(b.role === 'encoder') - Number(a.role === 'encoder'));
}

export function anatomiesOf(file: ModelFile, fixture: Fixture): readonly GraphAnatomy[] {
  return anatomyOf(openModel(file.bytes), file.role, fixture.config);
}

const FIRST = { row: 0, token: 0, other: null };

export async function runProbes(
  fixture: Fixture,
  { level, wishes, off = {}, rows, read = FIRST }: ProbeSettings,
): Promise<ProbeRun> {
  useNodeRuntime();
  const { reference, config } = fixture;
  if (!reference) throw new Error(`${fixture.folder} has no reference.json`);
  const results: ProbeResult[] = [];
  const gaps: ProbeGap[] = [];
  const models: ProbedModel[] = [];
  let encoder: Given['encoder'];
  let logits: Float32Array = new Float32Array();
  for (const file of wholePass(fixture.files)) {
    const isDecoder = file.role !== 'encoder' && file.role !== 'model';
    const ids = isDecoder ? (reference.decoder_input_ids ?? reference.input_ids) : reference.input_ids;
    // As the tap tells them: a window's cache has the room that only its operator says.
    const { windows } = planTap(file.bytes, file.role, config);
    const meanings = new Map([...inputMeanings(openModel(file.bytes), config), ...windows]);
    const given: Given = { meanings, ids, config, ...(isDecoder ? { encoder } : {}) };
    const probed = wishes && withProbes(openModel(file.bytes), anatomiesOf(file, fixture), wishes);
    const session = await ort.InferenceSession.create(probed?.assemble() ?? file.bytes, {
      executionProviders: ['wasm'],
      graphOptimizationLevel: level,
      logSeverityLevel: 3,
      externalData: [...openModel(file.bytes).graph.external].map((path) => ({ path, data: fixture.external(path) })),
    });
    try {
      const inputs = readSignature(file.bytes).inputs.filter(({ name }) => session.inputNames.includes(name));
      const feeds = feed(inputs, given);
      const wantedOf: Readonly<Record<string, readonly number[]>> = {
        [LENS_ROWS.name]: rows ?? ids.map((_, i) => i),
        [TABLE_ROWS.name]: [0, 1e6],
        [ATTRIBUTION_INPUTS.place.name]: [read.row],
        [ATTRIBUTION_INPUTS.tokens.name]: [read.token, read.other ?? read.token],
        [ATTRIBUTION_INPUTS.signs.name]: [1, read.other === null ? 0 : -1],
      };
      for (const { name, type } of probed?.inputs ?? []) {
        const wanted = wantedOf[name] ?? [];
        const data = type === 'int64' ? BigInt64Array.from(wanted, BigInt) : Float32Array.from(wanted);
        feeds[name] = new ort.Tensor(type, data, [wanted.length]);
      }
      for (const { name, kind, dims } of probed?.gates ?? []) {
        const [layers, heads] = dims.map(Number);
        const gate = new Float32Array((layers ?? 0) * (heads ?? 0)).fill(1);
        for (const [layer, head] of off[kind] ?? []) gate[layer * (heads ?? 0) + head] = 0;
        feeds[name] = new ort.Tensor('float32', gate, dims.map(Number));
      }
      const outputs = await session.run(feeds);
      for (const output of probed?.outputs ?? []) {
        const tensor = outputs[output.name];
        if (!tensor) throw new Error(`the output ${output.name} did not come`);
        results.push({ ...output, dims: tensor.dims, data: floats(tensor) });
      }
      if (probed) models.push(probed);
      gaps.push(...(probed?.gaps ?? []));
      const declared = readSignature(file.bytes).outputs;
      const outputNames = declared.map(({ name }) => name);
      const result = outputs[mainOutput({ session: { outputNames }, taps: [], declared }, ['logits'])];
      if (!result) throw new Error('the model gave nothing');
      if (file.role === 'encoder') encoder = { states: result, length: ids.length };
      logits = floats(result);
    } finally {
      await session.release();
    }
  }
  return { results, gaps, logits, models };
}
