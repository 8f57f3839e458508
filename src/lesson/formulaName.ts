/** Which form of a stage's formula is this model's: what was found in its run decides, not its name. */
import type { LessonAnswer } from '../protocol/answers/lessonAnswers';
import type { LessonPlace, LessonStage } from '../protocol/lessonPlace';

/** Stages whose formula names the norm: before a layer's part (pre-norm, as GPT-2 and T5) or after its sum (post-norm, as BERT and Marian). */
const WITH_NORM = ['vectors', 'residual', 'feedForward', 'layerEnd'] as const;
type WithNorm = (typeof WITH_NORM)[number];

export type FormulaName =
  | LessonStage
  | `${WithNorm}Pre`
  | 'vectorsCross'
  | 'vectorsCrossPre'
  | 'feedForwardGated'
  | 'feedForwardGatedPre'
  | 'scoresPlain'
  | 'positionRotary'
  | 'positionRelative'
  | 'streamPlain';

const hasNorm = (stage: LessonStage): stage is WithNorm => WITH_NORM.some((one) => one === stage);

/** @param numbers of the station's answer; nothing is known of it before that has come */
export function formulaName(
  { stage, kind }: Pick<LessonPlace, 'stage' | 'kind'>,
  numbers: LessonAnswer['numbers'],
): FormulaName {
  const isPre = numbers['isPostNorm'] === 0;
  // Only the queries come from here, and only they are of a norm: the encoder's states are what they are.
  if (stage === 'vectors' && kind === 'cross') return isPre ? 'vectorsCrossPre' : 'vectorsCross';
  if (stage === 'feedForward' && numbers['isGated'] === 1) return isPre ? 'feedForwardGatedPre' : 'feedForwardGated';
  if (hasNorm(stage) && isPre) return `${stage}Pre`;
  if (stage === 'position' && numbers['isRotary'] === 1) return 'positionRotary';
  if (stage === 'position' && numbers['isRelative'] === 1) return 'positionRelative';
  if (stage === 'stream' && numbers['hasPlaces'] === 0) return 'streamPlain';
  // T5 does without the scale (Raffel et al. 2020).
  return stage === 'scores' && numbers['scale'] === 1 ? 'scoresPlain' : stage;
}
