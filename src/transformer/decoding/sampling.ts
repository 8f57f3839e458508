/**
 * What sampling makes of a model's logits: temperature, then what is left out (top-k, top-p, min-p), in the order and
 * with the limits of `transformers` (generation/logits_process.py; Holtzman et al. 2020 for top-p, Nguyen et al. 2024
 * for min-p). The names are those of generation_config.json.
 */
import { notFinite } from '../probabilities';

export interface Sampling {
  /** Logits are divided by it; over 0, 1 leaves them as they are. */
  readonly temperature: number;
  /** Only the k likeliest tokens stay, and what is as likely as the last of them; 0 keeps all. */
  readonly topK: number;
  /** The likeliest tokens stay until they have this share of the probability together, 0 to 1; 1 keeps all. */
  readonly topP: number;
  /** Only tokens with at least this share of the likeliest one's probability stay, 0 to 1; 0 keeps all. */
  readonly minP: number;
}

/** A token has to be left: the likeliest one always is. */
const KEPT_AT_LEAST = 1;

/** Probabilities of logits in place; a logit of −∞ gets 0. @throws ExplainError NOT_FINITE */
function softmaxInPlace(values: Float64Array): void {
  let largest = -Infinity;
  for (const value of values) largest = Math.max(largest, value);
  if (!Number.isFinite(largest)) throw notFinite();
  let sum = 0;
  for (let id = 0; id < values.length; id++) sum += values[id] = Math.exp((values[id] as number) - largest); // id < length
  for (let id = 0; id < values.length; id++) values[id] = (values[id] as number) / sum; // id < length
}

/** The probabilities that are left, by size. */
const bySize = (probabilities: Float64Array): Float64Array => probabilities.filter((value) => value > 0).sort();

/** Leaves out all but `kept` and makes the rest sum to 1 again. */
function keepOnly(probabilities: Float64Array, kept: (id: number) => boolean): void {
  let sum = 0;
  for (let id = 0; id < probabilities.length; id++) {
    if (!kept(id)) probabilities[id] = 0;
    sum += probabilities[id] as number; // id < length
  }
  for (let id = 0; id < probabilities.length; id++) probabilities[id] = (probabilities[id] as number) / sum;
}

function keepTopK(probabilities: Float64Array, k: number): void {
  const sorted = bySize(probabilities);
  const least = sorted[Math.max(0, sorted.length - Math.max(k, KEPT_AT_LEAST))] ?? 0;
  keepOnly(probabilities, (id) => (probabilities[id] as number) >= least); // an id of theirs
}

function keepTopP(probabilities: Float64Array, share: number): void {
  // Counted from the unlikeliest, as the reference does: left out is what has at most 1 − share together.
  const sorted = bySize(probabilities);
  let out = 0;
  for (let together = 0; out < sorted.length - KEPT_AT_LEAST; out++) {
    together += sorted[out] as number; // out < length
    if (together > 1 - share) break;
  }
  const least = sorted[out] ?? 0;
  // Of equally likely ones the first are left out first.
  let equal = out - sorted.indexOf(least);
  keepOnly(probabilities, (id) => {
    const probability = probabilities[id] as number; // an id of theirs
    return probability === least ? equal-- <= 0 : probability > least;
  });
}

function keepMinP(probabilities: Float64Array, share: number): void {
  let most = 0;
  for (const probability of probabilities) most = Math.max(most, probability);
  keepOnly(probabilities, (id) => (probabilities[id] as number) >= share * most); // an id of theirs
}

/**
 * The distribution that the next token is drawn from.
 * @param logits [vocabulary], after the rules of the generation (`choice.ts`); −∞ is a token that is ruled out. Not changed.
 * @returns [vocabulary] probabilities that sum to 1
 * @throws ExplainError NOT_FINITE where the logits give none
 */
export function samplingDistribution(logits: Float32Array, sampling: Sampling): Float64Array {
  const probabilities = Float64Array.from(logits, (logit) => logit / sampling.temperature);
  softmaxInPlace(probabilities);
  if (sampling.topK > 0 && sampling.topK < logits.length) keepTopK(probabilities, sampling.topK);
  if (sampling.topP < 1) keepTopP(probabilities, sampling.topP);
  if (sampling.minP > 0) keepMinP(probabilities, sampling.minP);
  return probabilities;
}

/**
 * The token that a number from 0 to 1 falls on when the tokens lie beside each other, each as wide as its probability.
 * @param at 0 ≤ at < 1
 */
export function drawn(distribution: Float64Array, at: number): number {
  let before = 0;
  let last = 0;
  for (let id = 0; id < distribution.length; id++) {
    const probability = distribution[id] as number; // id < length
    if (probability === 0) continue;
    before += probability;
    last = id;
    if (at < before) return id;
  }
  // The sum of many roundings may stay just under `at`.
  return last;
}
