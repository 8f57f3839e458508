/** How the next token is chosen where the user has set how: greedily or by chance, after the rules and limits that were set. */
import { argmax, chooseGreedy, forcedToken, ruled, type ChoiceContext } from '../choice';
import type { ChoiceRules } from '../spec';
import { drawn, samplingDistribution, type Sampling } from './sampling';
import { seededNumber } from './seededNumber';

/** The user's settings, by their names in generation_config.json; they take the place of the model's own. */
export interface Choosing extends Sampling, Pick<ChoiceRules, 'repetitionPenalty' | 'noRepeatNgram' | 'minNewTokens'> {
  /** Draws the token; the likeliest one is taken where it is false. */
  readonly doSample: boolean;
  /** 0 to 2^32 − 1; the same seed draws the same tokens. */
  readonly seed: number;
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
  const forced = forcedToken(rules, context);
  if (forced >= 0) return { id: forced, after: certain(forced, logits.length), drawn: false };
  const { repetitionPenalty, noRepeatNgram, minNewTokens, doSample, seed } = choosing;
  const own = { ...rules, repetitionPenalty, noRepeatNgram, minNewTokens };
  // Temperature and limits are for drawing; the likeliest token is the same without them.
  const sampling = doSample ? choosing : { temperature: 1, topK: 0, topP: 1, minP: 0 };
  const allowed = ruled(logits, own, context);
  const after = samplingDistribution(allowed, sampling);
  if (doSample) return { id: drawn(after, seededNumber(seed, context.target.length)), after, drawn: true };
  return { id: argmax(allowed), after, drawn: false };
}
