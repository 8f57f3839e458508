/** The tapped graph's results against the untapped file's: reading attention must not change what the model computes. */
import { ExplainError } from '../../errors';
import { say } from '../../text/say';
import type { TappedGraph } from '../../transformer/capture';
import { notFinite } from '../../transformer/probabilities';
import type { LoadedGraph } from '../model/loadedGraph';
import { createSession, type SessionOptions } from '../runtime/ortSession';

/** Files up to this size are loaded a second time without the tap, to compare results; beyond it that costs too much. */
const MAX_COMPARED_BYTES = 32e6;

type Level = NonNullable<SessionOptions['optimization']>;

/** How far two results are from each other. */
export interface Distance {
  readonly worst: number;
  /** The largest result, at least 1. */
  readonly scale: number;
}

/** @throws ExplainError NOT_FINITE where neither computes a number */
function distance(a: Float32Array, b: Float32Array): Distance {
  let scale = 1;
  let worst = a.length === b.length ? 0 : Infinity;
  for (let i = 0; i < a.length && worst < Infinity; i++) {
    const one = a[i] ?? Number.NaN;
    const other = b[i] ?? Number.NaN;
    // Equal infinities must not be subtracted: that gives NaN.
    if (one === other) continue;
    if (Number.isNaN(one) && i < b.length && Number.isNaN(other)) throw notFinite();
    scale = Math.max(scale, Math.abs(other));
    const difference = Math.abs(one - other);
    worst = difference >= 0 ? Math.max(worst, difference) : Infinity;
  }
  return { worst, scale };
}

/**
 * @param tolerance of the largest difference, relative to the largest result (at least 1)
 * @throws ExplainError SELFTEST_FAILED; NOT_FINITE where the untouched file computes no numbers either
 */
export function checkSame(edited: Float32Array, untouched: Float32Array, path: string, tolerance: number): void {
  const { worst, scale } = distance(edited, untouched);
  if (worst <= tolerance * scale) return;
  throw new ExplainError('SELFTEST_FAILED', say('engine.otherResults', { file: path }), {
    detail: `${path}: a difference of ${worst}, with results up to ${scale}`,
  });
}

/** What the comparison came to. */
export interface Compared {
  /** False where the file is too large to be loaded again. */
  readonly compared: boolean;
  /** How far apart two optimisation levels of the same file are, where that is more than the tolerance. */
  readonly levels: Distance | undefined;
}

/** Runs `use` on the file, loaded anew at a level, with the tap or as it came, and frees it. */
async function loadedAnew<T>(
  { file, plan, session: first, provider: own, meanings, declared, externalData }: LoadedGraph,
  level: Level,
  withTap: boolean,
  use: (graph: TappedGraph) => Promise<T>,
  provider = own,
): Promise<T> {
  const session = await createSession(withTap ? plan.assemble() : file.bytes, {
    path: file.path,
    provider,
    externalData,
    disabledOptimizers: withTap ? plan.disabledOptimizers : [],
    inputs: first.inputs,
    onDevice: [],
    optimization: level,
  });
  try {
    // The tap lets caches grow that the file as it came keeps at the length of a window.
    const understood = withTap ? meanings : new Map([...meanings, ...plan.windows]);
    return await use({ session, taps: [], meanings: understood, declared });
  } finally {
    await session.dispose();
  }
}

/**
 * As `loadedAnew`, without any optimiser: there the processor is a better reference, of the graphics adapter's arithmetic too, and
 * loads several times faster. What only WebGPU can run is run on WebGPU.
 */
async function unoptimised<T>(
  graph: LoadedGraph,
  withTap: boolean,
  use: (graph: TappedGraph) => Promise<T>,
): Promise<T> {
  try {
    return await loadedAnew(graph, 'disabled', withTap, use, 'wasm');
  } catch (thrown) {
    if (graph.provider === 'wasm' || !(thrown instanceof ExplainError) || thrown.code !== 'WEBGPU_NEEDED') throw thrown;
    return loadedAnew(graph, 'disabled', withTap, use);
  }
}

/**
 * Compares a tapped result with the untapped file's. Where they differ by more than the tolerance, they are compared at the same
 * optimisation level: int8 rounds whole tensors, so that one flipped unit between two levels of the very same file may grow.
 * @param tapped the result of `graph` as it is loaded, at the level `all`
 * @param run gives the same result on another session of the file
 * @param tolerance of the largest difference, relative to the largest result (at least 1)
 * @throws ExplainError SELFTEST_FAILED where the tap changes the result
 */
export async function compareUntapped(
  graph: LoadedGraph,
  tapped: Float32Array,
  run: (plain: TappedGraph) => Promise<Float32Array>,
  tolerance: number,
): Promise<Compared> {
  const { file, externalData } = graph;
  const size = externalData.reduce((sum, { data }) => sum + data.length, file.bytes.length);
  if (size > MAX_COMPARED_BYTES) return { compared: false, levels: undefined };
  const within = ({ worst, scale }: Distance): boolean => worst <= tolerance * scale;
  const plain = await unoptimised(graph, false, run);
  const apart = distance(tapped, plain);
  if (within(apart)) return { compared: true, levels: undefined };
  const optimised = distance(tapped, await loadedAnew(graph, 'all', false, run));
  if (within(optimised)) return { compared: true, levels: apart };
  // Still apart: the optimiser may fuse less beside a tap. Without it, the tap adds outputs and nothing else.
  const bare = distance(await unoptimised(graph, true, run), plain);
  if (graph.integers && within(bare)) return { compared: true, levels: apart };
  throw new ExplainError('SELFTEST_FAILED', say('engine.otherResults', { file: file.path }), {
    detail: [
      `${file.path}: differences from the untapped file, with results up to ${apart.scale}:`,
      `optimised against not optimised ${apart.worst}, both optimised ${optimised.worst}, neither ${bare.worst}`,
    ].join('\n'),
  });
}
