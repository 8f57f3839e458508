/** Which of a graph's outputs is its result: chosen by what the outputs are, by name or place only among those that can be it. */
import { ExplainError } from '../errors';
import { say } from '../text/say';
import { isPresent } from './cache';
import type { TappedGraph } from './capture';
import type { Session, Tensor, TensorSignature } from './session';

const FLOATS = new Set(['float32', 'float16', 'float64']);

/** What has to be known of a graph to choose. */
type ResultGraph = Pick<TappedGraph, 'taps' | 'declared'> & { readonly session: Pick<Session, 'outputNames'> };

/**
 * The graph's main result: numbers (ids and masks that are passed through are none), no tap and no cache.
 * @param names usual names, the wanted ones first
 * @param width of the last dimension, where it is known; 0 otherwise
 * @throws ExplainError MODEL_UNSUPPORTED where there is none
 */
export function mainOutput({ session, taps, declared = [] }: ResultGraph, names: readonly string[], width = 0): string {
  const own = new Set(taps.flatMap(({ name, proof }) => (proof ? [name, proof.values, proof.result] : [name])));
  const known = new Map(declared.map((output) => [output.name, output]));
  const candidates = session.outputNames.filter((name) => {
    const output = known.get(name);
    // An output that the file declares is its own result, even where it is a tap too (a layer of which it is the last tensor).
    if (output ? isOther(output) : own.has(name)) return false;
    return !isPresent(name);
  });
  const untapped = candidates.filter((name) => !own.has(name));
  const among = untapped.length > 0 ? untapped : candidates;
  const named = names.find((name) => among.includes(name));
  if (named !== undefined) return named;
  const rank = (name: string): number => rankOf(known.get(name), width);
  const best = [...among].sort((a, b) => rank(b) - rank(a))[0];
  if (best === undefined) throw new ExplainError('MODEL_UNSUPPORTED', say('transformer.noResult'));
  return best;
}

/** True where the declaration says that an output is no numbers; a file may leave the type out. */
function isOther({ type, dims }: TensorSignature): boolean {
  return !FLOATS.has(type) && !(type === 'string' && dims === null);
}

/** How much an output looks like numbers for each token: the wanted width first, then [batch, tokens, features]. */
function rankOf(output: TensorSignature | undefined, width: number): number {
  const dims = output?.dims;
  if (!dims) return 1;
  if (dims.length === 3) return width > 0 && dims[2] === width ? 3 : 2;
  return dims.length === 2 ? 1 : 0;
}

/** True where an output is logits over the vocabulary, of every position or of the last one only. */
export function isVocabularyLogits({ dims }: Pick<Tensor, 'dims'>, vocabulary: number): boolean {
  const width = dims.at(-1) ?? 0;
  return (
    (dims.length === 3 || dims.length === 2) && dims[0] === 1 && width > 1 && vocabulary > 0 && width >= vocabulary
  );
}
