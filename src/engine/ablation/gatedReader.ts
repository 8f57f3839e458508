/**
 * A model with a gate on each head, that reads and writes as the plain one does: what comes out of it, its attention too, is of a run in
 * which some heads are off. Its files are edited before they are looked at, so that everything else is found in them as ever.
 */
import type { HeadRef } from '../../attention/types';
import { ExplainError } from '../../errors';
import { anatomyOf } from '../../onnx/anatomy/anatomy';
import type { HeadGates } from '../../onnx/edit/headGates';
import { withProbes } from '../../onnx/edit/withProbes';
import { openModel } from '../../onnx/graph/onnxFile';
import type { ProbeGap } from '../../onnx/probe/probe';
import type { ModelFiles, ModelReport, ProviderReport } from '../../protocol/engine';
import { say } from '../../text/say';
import type { TextTokenizer } from '../../tokenizer/index';
import { KeyValueCache } from '../../transformer/cache';
import type { EncoderStates } from '../../transformer/decoder';
import type { ModelSpec } from '../../transformer/spec';
import { readFloats } from '../../transformer/tensors';
import type { ElementArray, ElementType, Tensor, TensorSession } from '../../transformer/tensorSession';
import { findGraphs, weightBytes } from '../files/modelFiles';
import { namedIds, readModelSettings } from '../files/modelSettings';
import { assemble, type ModelParts } from '../model/assemble';
import { loadScanned, scanGraph, type LoadedGraph } from '../model/loadedGraph';
import { checkSame } from '../trial/sameResults';
import { gatesWithout, type Gates } from './gates';

/** What reads a text and writes after it. */
export type ModelReader = Pick<ModelParts, 'encoder' | 'decoder'>;

/** The model as it is: what is made here is held against it. */
export interface PlainModel extends ModelReader {
  readonly report: Pick<ModelReport, 'family' | 'kinds'>;
  readonly spec: Pick<ModelSpec, 'decoderStart'>;
  readonly tokenizer: TextTokenizer;
  readonly sample: readonly number[];
}

/** The gates of the runs that begin now. */
interface Setting {
  gates: Gates;
}

interface GatedGraph {
  readonly graph: LoadedGraph;
  readonly inputs: HeadGates['inputs'];
  readonly gaps: readonly ProbeGap[];
}

/** A session that feeds its gates by itself, so that nobody else need know of them. */
class GateFedSession implements TensorSession {
  constructor(
    private readonly session: TensorSession,
    private readonly gateInputs: HeadGates['inputs'],
    private readonly setting: Setting,
    private readonly isWriter: boolean,
  ) {}

  get inputs(): TensorSession['inputs'] {
    return this.session.inputs.filter(({ name }) => !this.gateInputs.some((gate) => gate.name === name));
  }

  get outputNames(): readonly string[] {
    return this.session.outputNames;
  }

  tensor(type: ElementType, data: ElementArray, dims: readonly number[]): Tensor {
    return this.session.tensor(type, data, dims);
  }

  run(...[feeds, fetches, onDevice]: Parameters<TensorSession['run']>): ReturnType<TensorSession['run']> {
    const all: Record<string, Tensor> = { ...feeds };
    for (const { name, type, kind, dims } of this.gateInputs) {
      const sides = dims.map(Number);
      const data = new Float32Array(sides.reduce((product, side) => product * side, 1)).fill(1);
      // A decoder-only file without a cache looks like an encoder's; it is known by now which it is.
      data.set((this.setting.gates[this.isWriter ? 'decoder' : kind] ?? []).slice(0, data.length));
      all[name] = this.session.tensor(type, data, sides);
    }
    return this.session.run(all, fetches, onDevice);
  }

  dispose(): Promise<void> {
    return this.session.dispose();
  }
}

interface Made {
  readonly model: PlainModel;
  readonly graphs: readonly GatedGraph[];
  readonly assembled: (graphs: readonly LoadedGraph[]) => Promise<ModelParts>;
  readonly bytes: number;
}

/** The gated sessions of one model, none before they are made. What is written goes on in them, so they stay for as long as the model. */
export class GatedReader {
  #made: Made | undefined;

  constructor(private readonly provider: Pick<ProviderReport, 'provider'>) {}

  get isMade(): boolean {
    return this.#made !== undefined;
  }

  /** Of weights that its sessions hold: the model's own once more. */
  get bytes(): number {
    return this.#made?.bytes ?? 0;
  }

  /**
   * Makes the sessions from the model's files, and holds what they give with all gates at one against the plain ones.
   * @throws ExplainError of the tap, of missing files, of the runtime; SELFTEST_FAILED
   */
  async make(model: PlainModel, files: ModelFiles): Promise<void> {
    const settings = readModelSettings(files);
    const { config, generation } = settings;
    const graphs: GatedGraph[] = [];
    try {
      for (const file of findGraphs(files)) {
        const plain = openModel(file.bytes);
        const gated = withProbes(plain, anatomyOf(plain, file.role, config), { probes: [], gates: true });
        const scanned = scanGraph({ ...file, bytes: gated.assemble() }, files, config);
        graphs.push({ graph: await loadScanned(scanned, this.provider), inputs: gated.gates, gaps: gated.gaps });
      }
      const assembled = (own: readonly LoadedGraph[]): Promise<ModelParts> =>
        assemble(own, config, generation, model.sample, namedIds(model.tokenizer, settings));
      const made = { model, graphs, assembled, bytes: weightBytes(files) };
      await check(model, await readerOf(made, {}), graphs);
      this.#made = made;
    } catch (thrown) {
      for (const { graph } of graphs) await graph.session.dispose();
      throw thrown;
    }
  }

  /** What reads and writes without these heads. @throws ExplainError INVALID_REQUEST where one of them cannot be switched off, or nothing was made yet */
  async without(off: readonly HeadRef[]): Promise<ModelReader> {
    const made = this.#made;
    if (!made) throw new ExplainError('INVALID_REQUEST', say('engine.noGates'));
    const { report } = made.model;
    for (const { kind, layer } of off) {
      const own = report.family === 'decoder-only' ? ['decoder', 'encoder'] : [kind];
      const gaps = made.graphs.flatMap((one) => one.gaps);
      const reason = gaps.find((gap) => own.includes(gap.kind) && gap.layer === layer)?.reason;
      if (reason !== undefined) throw new ExplainError('INVALID_REQUEST', say('engine.headStaysOn', { reason }));
    }
    return readerOf(made, gatesWithout(report.kinds, off));
  }

  async dispose(): Promise<void> {
    for (const { graph } of this.#made?.graphs ?? []) await graph.session.dispose();
    this.#made = undefined;
  }
}

async function readerOf({ model, graphs, assembled }: Made, gates: Gates): Promise<ModelReader> {
  // Which way a file reads is found out with all heads on.
  const setting: Setting = { gates: {} };
  const isWriter = model.report.family === 'decoder-only';
  const own = graphs.map(({ graph, inputs }) => ({
    ...graph,
    session: new GateFedSession(graph.session, inputs, setting, isWriter),
  }));
  const { encoder, decoder } = await assembled(own);
  const { decoder: plain } = model;
  if (decoder && plain) {
    decoder.takesParts = plain.takesParts;
    decoder.chunk = plain.chunk;
    decoder.scales = plain.scales;
  }
  setting.gates = gates;
  return { encoder, decoder };
}

const statesOf = async ({ encoder }: ModelReader, ids: readonly number[]): Promise<EncoderStates | undefined> => {
  const pass = await encoder?.run(ids);
  return pass && { states: pass.output, length: ids.length };
};

/** With all gates at one it gives what the plain model gives. @throws ExplainError SELFTEST_FAILED */
async function check(model: PlainModel, reader: ModelReader, graphs: readonly GatedGraph[]): Promise<void> {
  const { sample: ids, spec } = model;
  const isCoarse = graphs.some(({ graph }) => graph.integers || graph.file.precision !== '');
  const tolerance = isCoarse ? 2e-2 : 2e-3;
  const [own, others] = [await statesOf(reader, ids), await statesOf(model, ids)];
  try {
    const { decoder } = reader;
    if (decoder && model.decoder) {
      const given = own ? [spec.decoderStart, ...ids.slice(0, 3)] : ids;
      const [one, other] = [new KeyValueCache(), new KeyValueCache()];
      try {
        const gated = await decoder.feed(given, one, own, 0);
        const plain = await model.decoder.feed(given, other, others, 0);
        checkSame(gated.logits, plain.logits, 'gates', tolerance);
      } finally {
        one.clear();
        other.clear();
      }
    } else if (own && others) {
      checkSame(await readFloats(own.states), await readFloats(others.states), 'gates', tolerance);
    }
  } finally {
    own?.states.dispose();
    others?.states.dispose();
  }
}
