/**
 * Sessions with probes and gates in them, beside a model's plain ones: made when first asked for, from the model's files, which the
 * worker does not keep. Each has passed the same test as the plain ones: with gates at one it gives the plain session's results.
 */
import { anatomyOf } from '../../onnx/anatomy/anatomy';
import { isStageName } from '../../onnx/anatomy/stages';
import { MASK_OFF } from '../../onnx/edit/playControls';
import { processorNodes } from '../../onnx/edit/processorNodes';
import { SIDE_GRAPH_OPTIMIZERS } from '../../onnx/edit/tap';
import { withProbes, type ProbedModel, type ProbeWishes } from '../../onnx/edit/withProbes';
import { attribution, ATTRIBUTION } from '../../onnx/probe/attribution/attributionParts';
import { contributions } from '../../onnx/probe/contributionParts';
import { lessonParts } from '../../onnx/probe/lessonParts';
import { lessonTables } from '../../onnx/probe/lessonTables';
import { lens } from '../../onnx/probe/lens';
import type { ProbeOutput } from '../../onnx/probe/probe';
import { stageProbe } from '../../onnx/probe/stageProbe';
import { valueNorms } from '../../onnx/probe/valueNorms';
import { ExplainError } from '../../errors';
import type { ModelFiles, ProviderReport } from '../../protocol/engine';
import { say } from '../../text/say';
import { InputMaker, type RunContext } from '../../transformer/inputs';
import { mainOutput } from '../../transformer/mainOutput';
import type { TensorSession, Tensor } from '../../transformer/tensorSession';
import type { ModelSpec } from '../../transformer/spec';
import { scanGraph } from '../model/loadedGraph';
import { findExternalData, findGraphs, readJson, type GraphFile } from '../files/modelFiles';
import { createSession } from '../runtime/ortSession';

/** What is asked of the graph: names of probes, and whether heads can be switched off. */
export interface ProbeSet {
  readonly probes: readonly string[];
  readonly gates: boolean;
  /** And whether masks and the order of positions can be changed; not where it is left out. */
  readonly play?: boolean;
  /** And whether single links can be cut; not where it is left out. */
  readonly knockouts?: boolean;
}

/** One graph with probes in it. */
export interface ProbedGraph {
  readonly role: GraphFile['role'];
  readonly probed: Pick<ProbedModel, 'outputs' | 'inputs' | 'gates' | 'controls' | 'knockouts' | 'gaps' | 'addedBytes'>;
  /** The result that the plain session has too: hidden states or logits. */
  readonly main: string;
  /** How far its results may be from the plain ones, relative to the largest. */
  readonly tolerance: number;
  /**
   * Runs the graph over a whole text.
   * @param extra the inputs that probes and gates have added; all of them are needed
   * @param only the outputs wanted beside the main one, of the file's own too; all of the probes' if left out
   */
  run(
    context: RunContext,
    extra: Readonly<Record<string, ExtraInput>>,
    only?: readonly Pick<ProbeOutput, 'name'>[],
  ): Promise<Readonly<Record<string, Tensor>>>;
}

export interface ExtraInput {
  readonly data: Float32Array | BigInt64Array;
  readonly dims: readonly number[];
}

interface Entry {
  readonly key: string;
  readonly graphs: readonly ProbedGraph[];
  readonly sessions: readonly TensorSession[];
  readonly bytes: number;
}

/** @throws ExplainError INVALID_REQUEST for a name that is no probe's */
function wishesOf({ probes, gates, play = false, knockouts = false }: ProbeSet): ProbeWishes {
  return {
    gates,
    play,
    knockouts,
    probes: probes.map((name): ProbeWishes['probes'][number] => {
      if (name === 'valueNorms') return valueNorms;
      if (name === 'lens') return lens;
      if (name === 'contributions') return contributions;
      if (name === ATTRIBUTION) return attribution;
      if (name === 'lessonParts') return lessonParts;
      if (name === 'lessonTables') return lessonTables;
      if (isStageName(name)) return (anatomy, prefix) => stageProbe(anatomy, name, prefix);
      throw new ExplainError('INVALID_REQUEST', say('engine.noProbe', { name }));
    }),
  };
}

const keyOf = ({ probes, gates, play = false, knockouts = false }: ProbeSet): string =>
  [
    ...[...new Set(probes)].sort(),
    ...(gates ? ['with gates'] : []),
    ...(play ? ['to play with'] : []),
    ...(knockouts ? ['with links to cut'] : []),
  ].join(' ');

/** What a control is fed that nobody moves. */
function untouched(control: string, length: number): ExtraInput {
  if (control === MASK_OFF.name) return { data: Float32Array.of(0), dims: [1] };
  return { data: BigInt64Array.from({ length }, (_, index) => BigInt(index)), dims: [length] };
}

/** The sessions with probes of one model. Each set of probes has sessions of its own, which hold the weights once more. */
export class ProbeSessions {
  /** The least recently used first. */
  #entries: Entry[] = [];

  constructor(
    private readonly spec: ModelSpec,
    private readonly provider: Pick<ProviderReport, 'provider'>,
  ) {}

  /** Bytes of weights that its sessions hold: each has the model's own once more. */
  get bytes(): number {
    return this.#entries.reduce((sum, entry) => sum + entry.bytes, 0);
  }

  /** The graphs of a set that was made before; undefined where it has to be made. */
  take(set: ProbeSet): readonly ProbedGraph[] | undefined {
    const key = keyOf(set);
    const found = this.#entries.find((entry) => entry.key === key);
    if (found) this.#entries = [...this.#entries.filter((entry) => entry !== found), found];
    return found?.graphs;
  }

  /**
   * Makes the sessions of a set: of the encoder, and of the decoder that takes a whole text at once.
   * @param check is called before they are kept; what it throws, this throws, and nothing is kept then
   * @throws ExplainError of the tap, of missing files, of the runtime
   */
  async make(
    set: ProbeSet,
    files: ModelFiles,
    check: (graphs: readonly ProbedGraph[]) => Promise<void>,
  ): Promise<readonly ProbedGraph[]> {
    const wishes = wishesOf(set);
    const config = readJson(files, 'config.json', false);
    const graphs: ProbedGraph[] = [];
    const sessions: TensorSession[] = [];
    let bytes = 0;
    try {
      for (const file of findGraphs(files).filter(({ role }) => role !== 'decoder-with-past')) {
        const made = await this.#open(file, files, config, wishes);
        graphs.push(made.graph);
        sessions.push(made.session);
        bytes += made.bytes;
      }
      await check(graphs);
    } catch (thrown) {
      for (const session of sessions) await session.dispose();
      throw thrown;
    }
    this.#entries.push({ key: keyOf(set), graphs, sessions, bytes });
    return graphs;
  }

  /** Frees the sessions that were used least recently. @returns false where there were none */
  async dropOldest(): Promise<boolean> {
    const [oldest] = this.#entries;
    if (!oldest) return false;
    this.#entries = this.#entries.slice(1);
    for (const session of oldest.sessions) await session.dispose();
    return true;
  }

  async dispose(): Promise<void> {
    while (await this.dropOldest());
  }

  async #open(
    file: GraphFile,
    files: ModelFiles,
    config: unknown,
    wishes: ProbeWishes,
  ): Promise<{ readonly graph: ProbedGraph; readonly session: TensorSession; readonly bytes: number }> {
    const { model, meanings, plan, integers, inputs: declaredInputs, declared } = scanGraph(file, files, config);
    const { assemble, ...probed } = withProbes(model, anatomyOf(model, file.role, config), wishes);
    const provider = integers ? 'wasm' : this.provider.provider;
    const external = findExternalData(files, file, probed.externalData);
    const session = await createSession(assemble(), {
      path: file.path,
      provider,
      externalData: external,
      disabledOptimizers: SIDE_GRAPH_OPTIMIZERS,
      inputs: declaredInputs,
      onCpu: provider === 'webgpu' ? processorNodes(model) : [],
      onDevice: [],
    });
    // Nothing is tapped here, so that a cache of the length of a window keeps the room that its operator asks for.
    const inputs = new InputMaker(session, file.role, this.spec, new Map([...meanings, ...plan.windows]));
    // The probes' own outputs are no results.
    const outputNames = declared.map(({ name }) => name);
    const main = mainOutput({ session: { outputNames }, taps: [], declared }, [
      'last_hidden_state',
      'encoder_last_hidden_state',
      'logits',
      'lm_logits',
    ]);
    const coarse = integers || file.precision !== '';
    const exact = provider === 'webgpu' ? 2e-3 : 5e-4;
    return {
      session,
      bytes: file.bytes.length + external.reduce((sum, { data }) => sum + data.length, 0),
      graph: {
        role: file.role,
        probed,
        main,
        tolerance: coarse ? 2e-2 : exact,
        run(context, extra, only = probed.outputs) {
          const feeds = { ...inputs.feeds(context) };
          for (const { name, type } of [...probed.inputs, ...probed.gates]) {
            const given = extra[name];
            if (!given) throw new ExplainError('INTERNAL', say('engine.probeInput', { name }));
            feeds[name] = session.tensor(type, given.data, given.dims);
          }
          for (const { name, type } of probed.controls) {
            const { data, dims } = extra[name] ?? untouched(name, context.ids.length);
            feeds[name] = session.tensor(type, data, dims);
          }
          for (const { name, type, dims } of probed.knockouts) {
            const layers = Number(dims[0]);
            const given = extra[name] ?? { data: new Float32Array(layers), dims: [layers, 1, 1, 1] };
            feeds[name] = session.tensor(type, given.data, given.dims);
          }
          return session.run(feeds, [main, ...only.map(({ name }) => name)]);
        },
      },
    };
  }
}
