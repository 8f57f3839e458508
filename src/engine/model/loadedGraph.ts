/** One ONNX file: its tap planned, in a session. */
import { mayBeResult } from '../../config/likeliestResult';
import { ExplainError } from '../../errors';
import type { Graph } from '../../onnx/graph/graph';
import { pooledTokensOf, type PooledTokens } from '../../onnx/anatomy/pooledTokens';
import { openModel, type OnnxModel } from '../../onnx/graph/onnxFile';
import { dequantized } from '../../onnx/edit/dequantized';
import { processorNodes } from '../../onnx/edit/processorNodes';
import { signatureOf } from '../../onnx/graph/signature';
import { planModel } from '../../onnx/edit/tap';
import type { ExternalBytes } from '../../onnx/inputs/constants';
import { inputMeanings, wordsOf } from '../../onnx/inputs/meanings';
import type { GraphRole, InputMeanings, TapOutput, TapPlan, TensorSignature } from '../../onnx/types';
import { largestWeight } from '../../onnx/graph/initializers';
import { isCut } from '../../onnx/wire/cut';
import type { ModelFiles, ProviderReport } from '../../protocol/engine';
import { presentOutputs } from '../../transformer/cache';
import { tapNames, type TappedGraph } from '../../transformer/capture';
import { LOGITS } from '../../transformer/decoder';
import type { TensorSession } from '../../transformer/tensorSession';
import { mark } from '../../protocol/marks';
import { findExternalData, type GraphFile } from '../files/modelFiles';
import { LateSession } from '../runtime/lateSession';
import { createSession, type SessionOptions } from '../runtime/ortSession';
import { say } from '../../text/say';

export interface LoadedGraph extends TappedGraph {
  readonly file: GraphFile;
  readonly plan: TapPlan;
  /** It multiplies integers: coarser numbers, and not for every provider. */
  readonly integers: boolean;
  /** Where it runs. */
  readonly provider: ProviderReport['provider'];
  readonly meanings: InputMeanings;
  readonly declared: readonly TensorSignature[];
  readonly externalData: SessionOptions['externalData'];
  /** Rows of the table that the tokens are looked up in; 0 where it is not seen. */
  readonly words: number;
  /** Which tokens a result of the whole text is computed from; unknown where the file has none. */
  readonly pooling: PooledTokens;
}

const INTEGER_OPERATORS = new Set([
  'MatMulInteger',
  'ConvInteger',
  'QLinearMatMul',
  'DynamicQuantizeLinear',
  'DynamicQuantizeMatMul',
  'MatMulIntegerToFloat',
  'QGemm',
  'QAttention',
]);

/** True where the graph, or a branch of it, multiplies integers (int8 exports). */
function usesIntegers(graph: Graph): boolean {
  return (
    graph.nodes.some((node) => INTEGER_OPERATORS.has(node.op)) ||
    graph.subgraphs.some((inner) => usesIntegers(inner.graph))
  );
}

function scan(file: GraphFile, config: unknown): { readonly model: OnnxModel; readonly plan: TapPlan } {
  try {
    const model = openModel(file.bytes);
    return { model, plan: planModel(model, file.role, config) };
  } catch (thrown) {
    if (thrown instanceof ExplainError && thrown.code === 'ONNX_INVALID' && isCut(file.bytes)) {
      throw new ExplainError(
        'MODEL_FILE_CUT',
        say('engine.fileCut', { file: file.path, bytes: file.bytes.length }),
        thrown.detail === undefined ? {} : { detail: thrown.detail },
      );
    }
    if (thrown instanceof ExplainError)
      throw new ExplainError(thrown.code, thrown.message, {
        detail: [file.path, thrown.detail ?? ''].join('\n'),
        cause: thrown,
      });
    throw thrown;
  }
}

/** Refuses a graph with a weight that is larger than the graphics device's largest buffer, since no weight is split. */
function refuseLargeWeights(graph: Graph, file: GraphFile, most = Infinity): void {
  const { name, bytes } = largestWeight(graph);
  if (bytes <= most) return;
  throw new ExplainError(
    'TOO_LARGE',
    say('engine.weightTooLarge', { megabytes: megabytes(bytes), most: megabytes(most) }),
    { detail: `${file.path}: ${name}` },
  );
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0);

/** A graph file looked at: everything that is known of it before it is in a session. */
export interface ScannedGraph extends Omit<LoadedGraph, 'session' | 'provider'> {
  readonly model: OnnxModel;
  readonly inputs: readonly TensorSignature[];
}

/**
 * Looks at a graph and plans its tap; nothing is loaded.
 * @throws ExplainError of the tap, of missing or cut files
 */
export function scanGraph(file: GraphFile, files: ModelFiles, config: unknown): ScannedGraph {
  const { model, plan } = scan(file, config);
  const { inputs, outputs } = signatureOf(model);
  const externalData = findExternalData(files, file, plan.externalData);
  const external: ExternalBytes = (path, offset, length) => {
    const data = externalData.find((part) => part.path === path)?.data;
    return data && offset + length <= data.length ? data.subarray(offset, offset + length) : undefined;
  };
  return {
    model,
    inputs,
    taps: plan.outputs,
    file,
    plan,
    integers: usesIntegers(model.graph),
    meanings: inputMeanings(model, config, external),
    declared: outputs,
    externalData,
    words: wordsOf(model),
    pooling: poolingIn(model, outputs),
  };
}

/** Of the first result that a file gives of a whole text; a decoder's are not asked about. */
function poolingIn(model: OnnxModel, outputs: readonly TensorSignature[]): PooledTokens {
  const whole = outputs.find((output) => output.dims?.length === 2 && mayBeResult(output));
  return whole ? pooledTokensOf(model, whole.name) : 'unknown';
}

/**
 * Makes a session of a graph that was looked at.
 * @throws ExplainError TOO_LARGE, of the runtime
 */
export async function loadScanned(
  scanned: ScannedGraph,
  wanted: Pick<ProviderReport, 'provider' | 'maxBufferBytes'>,
): Promise<LoadedGraph> {
  const provider = providerOf(scanned, wanted);
  return { ...known(scanned), session: await sessionOf(scanned, provider, wanted.maxBufferBytes), provider };
}

/**
 * As `loadScanned`, but its session is made when it is first run: for a file that is known to load and to run.
 * @param before what is waited for before it is made
 */
export function loadLater(
  scanned: ScannedGraph,
  wanted: Pick<ProviderReport, 'provider' | 'maxBufferBytes'>,
  before: () => Promise<void>,
): LoadedGraph {
  const provider = providerOf(scanned, wanted);
  const { file, declared, taps, inputs } = scanned;
  const outputNames = [...declared, ...taps].map(({ name }) => name);
  const session = new LateSession({ path: file.path, provider, inputs, outputNames }, async () => {
    await before();
    return sessionOf(scanned, provider, wanted.maxBufferBytes);
  });
  return { ...known(scanned), session, provider };
}

/** What is kept of a file: not its bytes. */
const known = ({ model: _model, inputs: _inputs, ...kept }: ScannedGraph): Omit<LoadedGraph, 'session' | 'provider'> =>
  kept;

/** int8 graphs give wrong numbers on the WebGPU provider (onnxruntime issues 32578, 32730): the CPU provider runs them. */
function providerOf({ integers }: ScannedGraph, wanted: Pick<ProviderReport, 'provider'>): ProviderReport['provider'] {
  return integers ? 'wasm' : wanted.provider;
}

/** Outputs that a graphics device keeps: caches, and what is brought in one download, attention and the logits of what writes. */
function staysOnDevice(role: GraphRole, outputNames: readonly string[], taps: readonly TapOutput[]): readonly string[] {
  const caches = presentOutputs({ outputNames }).map((present) => present.name);
  const read = tapNames(taps, { proof: true, queries: true });
  // What an encoder gives is fed to a decoder, in every step of it: it is not to be gone when it was read.
  if (role === 'encoder') return [...caches, ...read.filter((name) => !outputNames.includes(name))];
  return [...new Set([...caches, ...outputNames.filter((name) => LOGITS.includes(name)), ...read])];
}

async function sessionOf(
  { model, inputs, plan, externalData, file, declared }: ScannedGraph,
  provider: ProviderReport['provider'],
  most: number | undefined,
): Promise<TensorSession> {
  if (provider === 'webgpu') refuseLargeWeights(model.graph, file, most);
  const outputNames = declared.map((output) => output.name);
  // What a graphics device makes of numbers that both branches of a decoder share is not known; the processor takes them as they are.
  const numbers = provider === 'wasm' ? dequantized(model) : undefined;
  const session = await createSession(numbers ? plan.assembleWith(numbers) : plan.assemble(), {
    path: file.path,
    provider,
    externalData: numbers ? [...externalData, numbers.externalData] : externalData,
    disabledOptimizers: plan.disabledOptimizers,
    inputs,
    onCpu: provider === 'webgpu' ? processorNodes(model) : [],
    onDevice: staysOnDevice(file.role, outputNames, plan.outputs),
  });
  mark(`session: ${file.path}`);
  return session;
}
