/** How the next token is chosen where the user has set how: greedily or by chance, after the rules and limits that were set. */
import { argmax, chooseGreedy, forcedToken, ruled, type ChoiceContext } from '../choice';
import { logProbabilities } from '../probabilities';
import type { ChoiceRules } from '../spec';
import type { BeamSettings } from './beamSearch';
import { drawn, samplingDistribution, type Sampling } from './sampling';
import { seededNumber } from './seededNumber';

/** Rules of the model that the user may set otherwise; the model's own where one is left out. */
type OwnRules = Pick<ChoiceRules, 'repetitionPenalty' | 'noRepeatNgram' | 'minNewTokens'> &
  Partial<Pick<ChoiceRules, 'forcedFirst' | 'suppressed'>>;

/** The user's settings, by their names in generation_config.json; they take the place of the model's own. */
export interface Choosing extends Sampling, OwnRules, Partial<BeamSettings> {
  /** Draws the token; the likeliest one is taken where it is false. */
  readonly doSample: boolean;
  /** 0 to 2^32 − 1; the same seed draws the same tokens. */
  readonly seed: number;
  /** After so many new tokens a run ends; the model's own limit where it is left out. */
  readonly maxNewTokens?: number;
}

export interface Choice {
  readonly id: number;
  /** [vocabulary] what the settings made of the model's probabilities; null where there are no settings. */
  readonly after: Float64Array | null;
  readonly drawn: boolean;
}

/** A distribution that gives one token all of the probability. */
function certain(id: number, vocabulary: number): Float64Array {
  const distribution = new Float64Array(vocabulary);
  distribution[id] = 1;
  return distribution;
}

/** The rules of the model with what the user has set in their place. */
function rulesBy(rules: ChoiceRules, choosing: Choosing): ChoiceRules {
  const { repetitionPenalty, noRepeatNgram, minNewTokens, forcedFirst, suppressed } = choosing;
  return {
    ...rules,
    repetitionPenalty,
    noRepeatNgram,
    minNewTokens,
    forcedFirst: forcedFirst ?? rules.forcedFirst,
    suppressed: suppressed ?? rules.suppressed,
  };
}

/**
 * Chooses the next token: the one that a rule forces, the likeliest one after the rules, or one that is drawn.
 * @param logits [vocabulary] of the next token; not changed
 * @param rules the model's own
 * @param likeliest the token with the largest logit
 * @throws ExplainError NOT_FINITE
 */
export function choose(
  logits: Float32Array,
  rules: ChoiceRules,
  context: ChoiceContext,
  choosing: Choosing | undefined,
  likeliest: number | undefined,
): Choice {
  if (!choosing) return { id: chooseGreedy(logits, rules, context, likeliest), after: null, drawn: false };
  const own = rulesBy(rules, choosing);
  const forced = forcedToken(own, context);
  if (forced >= 0) return { id: forced, after: certain(forced, logits.length), drawn: false };
  const { doSample, seed } = choosing;
  // Temperature and limits are for drawing; the likeliest token is the same without them.
  const sampling = doSample ? choosing : { temperature: 1, topK: 0, topP: 1, minP: 0 };
  const allowed = ruled(logits, own, context);
  const after = samplingDistribution(allowed, sampling);
  if (doSample) return { id: drawn(after, seededNumber(seed, context.target.length)), after, drawn: true };
  return { id: argmax(allowed), after, drawn: false };
}

/**
 * What the search adds up for each next token: its log probability after the rules. As in `transformers` the rules are applied to log
 * probabilities here, and what they leave is not brought back to a sum of 1.
 * @param logits [vocabulary] of the next token; not changed
 * @returns [vocabulary] in nats; −∞ for a token that is ruled out
 * @throws ExplainError NOT_FINITE
 */
export function searchedLogProbabilities(
  logits: Float32Array,
  rules: ChoiceRules,
  context: ChoiceContext,
  choosing: Choosing,
): Float32Array {
  const own = rulesBy(rules, choosing);
  const forced = forcedToken(own, context);
  if (forced < 0) return ruled(logProbabilities(logits), own, context);
  const only = new Float32Array(logits.length).fill(-Infinity);
  only[forced] = 0;
  return only;
}
