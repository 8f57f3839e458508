/**
 * The greedy choice as `transformers` makes it: the largest logit after the generation config's rules
 * (generation/logits_process.py). Shown probabilities are the true ones and know nothing of these rules.
 */
import type { ChoiceRules } from './spec';

/** A view of the sequence that the choice depends on. */
export interface ChoiceContext {
  /** The target so far: start token or prompt, then what was generated. */
  readonly target: readonly number[];
  /** How many of them were there before generation began. */
  readonly given: number;
  readonly endOfSequence: readonly number[];
  /** True where the next token is the last that fits. */
  readonly last: boolean;
}

function endsWith(target: readonly number[], tail: readonly number[]): boolean {
  const offset = target.length - tail.length;
  return offset >= 0 && tail.every((id, i) => target[offset + i] === id);
}

function repeated(target: readonly number[], size: number): readonly number[] {
  const prefix = target.slice(target.length - size + 1);
  const out: number[] = [];
  for (let i = 0; i + size <= target.length; i++) {
    // i + size - 1 < target.length
    if (prefix.every((id, j) => target[i + j] === id)) out.push(target[i + size - 1] as number);
  }
  return out;
}

function penalise(logits: Float32Array, target: readonly number[], penalty: number): void {
  for (const id of new Set(target)) {
    const logit = logits[id];
    if (logit !== undefined) logits[id] = logit < 0 ? logit * penalty : logit / penalty;
  }
}

/** The token with the largest logit; of equal ones the first. */
export function argmax(logits: Float32Array): number {
  let best = 0;
  let most = -Infinity;
  for (let id = 0; id < logits.length; id++) {
    const logit = logits[id] as number; // id < length
    if (logit > most) {
      most = logit;
      best = id;
    }
  }
  return best;
}

/** The tokens that the rules do not let come next. */
function banned(rules: ChoiceRules, context: ChoiceContext): readonly number[] {
  const { target, given, endOfSequence } = context;
  const first = target.length === given + (rules.forcedFirst >= 0 ? 1 : 0);
  const tooShort = target.length < rules.minLength || target.length - given < rules.minNewTokens;
  // Lists of a configuration are joined, never spread into a call: that ends with the stack at some 100,000.
  const out = rules.suppressed.concat(
    rules.impossible,
    first ? rules.beginSuppressed : [],
    tooShort ? endOfSequence : [],
  );
  // The last of a sequence is there: they have two tokens or more.
  for (const words of rules.badSequences)
    if (endsWith(target, words.slice(0, -1))) out.push(words[words.length - 1] as number);
  return rules.noRepeatNgram > 0 && target.length >= rules.noRepeatNgram
    ? out.concat(repeated(target, rules.noRepeatNgram))
    : out;
}

/**
 * The logits after the rules: repeated tokens made less likely, tokens that may not come −∞.
 * @param logits [vocabulary] of the next token; not changed
 */
export function ruled(logits: Float32Array, rules: ChoiceRules, context: ChoiceContext): Float32Array {
  const changed = logits.slice();
  if (rules.repetitionPenalty !== 1) penalise(changed, context.target, rules.repetitionPenalty);
  for (const id of banned(rules, context)) if (id < changed.length) changed[id] = -Infinity;
  return changed;
}

/** The token that the rules put here whatever the model says, or -1. */
export function forcedToken(rules: ChoiceRules, context: ChoiceContext): number {
  if (rules.forcedFirst >= 0 && context.target.length === context.given) return rules.forcedFirst;
  return rules.forcedLast >= 0 && context.last ? rules.forcedLast : -1;
}

/**
 * The next token's id by the greedy choice after the rules.
 * @param logits [vocabulary] of the next token; not changed
 * @param likeliest the token with the largest logit, where it is known already
 */
export function chooseGreedy(
  logits: Float32Array,
  rules: ChoiceRules,
  context: ChoiceContext,
  likeliest = argmax(logits),
): number {
  const forced = forcedToken(rules, context);
  if (forced >= 0) return forced;
  // The usual case needs no copy of the logits.
  if (rules.repetitionPenalty === 1 && !banned(rules, context).includes(likeliest)) return likeliest;
  return argmax(ruled(logits, rules, context));
}
