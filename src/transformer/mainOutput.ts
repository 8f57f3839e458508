/** Which of a graph's outputs is its result: chosen by what the outputs are, by name or place only among those that can be it. */
import { likeliestResult, mayBeResult } from '../config/likeliestResult';
import { ExplainError } from '../errors';
import { say } from '../text/say';
import { isPresent } from './cache';
import type { TappedGraph } from './capture';
import type { TensorSession, Tensor } from './tensorSession';

/** What has to be known of a graph to choose. */
type ResultGraph = Pick<TappedGraph, 'taps' | 'declared'> & { readonly session: Pick<TensorSession, 'outputNames'> };

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
    if (output ? !mayBeResult(output) : own.has(name)) return false;
    return !isPresent(name);
  });
  const untapped = candidates.filter((name) => !own.has(name));
  const among = untapped.length > 0 ? untapped : candidates;
  const best = likeliestResult(among, names, (name) => known.get(name)?.dims, width);
  if (best === undefined) throw new ExplainError('MODEL_UNSUPPORTED', say('transformer.noResult'));
  return best;
}

/** True where an output is logits over the vocabulary, of every position or of the last one only. */
export function isVocabularyLogits({ dims }: Pick<Tensor, 'dims'>, vocabulary: number): boolean {
  const width = dims.at(-1) ?? 0;
  return (
    (dims.length === 3 || dims.length === 2) && dims[0] === 1 && width > 1 && vocabulary > 0 && width >= vocabulary
  );
}
