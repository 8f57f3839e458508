/** What the engine answers: one schema a method. Those that need sessions answer null where they want the model's files first. */
import * as v from 'valibot';
import { headScores, roleTable } from '../headScoreSchema';
import { costsOfHeads, headsOffReport, inputWithoutReport, leftOutCosts } from './ablationAnswers';
import { textAlignment } from './alignmentAnswers';
import { attributionReport } from './attributionAnswers';
import { generateResult } from './generationAnswers';
import { lensReport } from './lensAnswers';
import { lessonAnswer } from './lessonAnswers';
import { atlas, mapMatrix, tokenWeights } from './mapAnswers';
import { measureReport } from './measureAnswers';
import { modelReport } from './modelAnswers';
import { textProbeAnswer } from './probeAnswers';
import { providerReport } from './runtimeAnswers';
import { encodedText } from './textAnswers';

const nothing = v.void();

export const ENGINE_ANSWERS = {
  findProvider: providerReport,
  compile: nothing,
  start: nothing,
  use: v.nullable(modelReport),
  load: modelReport,
  file: nothing,
  gated: v.boolean(),
  explain: encodedText,
  generate: generateResult,
  branch: generateResult,
  force: generateResult,
  openBeam: generateResult,
  head: mapMatrix,
  tokenWeights,
  atlas,
  measure: v.nullable(measureReport),
  roles: roleTable,
  measureHeads: headScores,
  alignment: textAlignment,
  probeText: v.nullable(textProbeAnswer),
  headsOff: v.nullable(headsOffReport),
  headCosts: v.nullable(costsOfHeads),
  lesson: v.nullable(lessonAnswer),
  leaveOut: v.nullable(leftOutCosts),
  inputWithout: v.nullable(inputWithoutReport),
  lens: v.nullable(lensReport),
  attribution: v.nullable(attributionReport),
  release: nothing,
} as const;

/** Each answer by its method's name. */
export type EngineAnswers = {
  readonly [Method in keyof typeof ENGINE_ANSWERS]: v.InferOutput<(typeof ENGINE_ANSWERS)[Method]>;
};
