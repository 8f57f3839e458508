/** What the extension host answers webviews: one schema a method. */
import * as v from 'valibot';
import { roleTable } from '../headScoreSchema';
import { costsOfHeads, headsOffReport, inputWithoutReport, leftOutCosts } from './ablationAnswers';
import { textAlignment } from './alignmentAnswers';
import { attributionReport } from './attributionAnswers';
import { lensReport } from './lensAnswers';
import { lessonAnswer } from './lessonAnswers';
import { atlas, mapMatrix, tokenWeights } from './mapAnswers';
import { measureReport } from './measureAnswers';
import { panelState } from './panelState';

const nothing = v.void();

export const PANEL_ANSWERS = {
  state: panelState,
  head: mapMatrix,
  tokenWeights,
  atlas,
  measure: measureReport,
  roles: roleTable,
  alignment: textAlignment,
  headsOff: headsOffReport,
  headCosts: costsOfHeads,
  lesson: lessonAnswer,
  leaveOut: leftOutCosts,
  inputWithout: inputWithoutReport,
  lens: lensReport,
  attribution: attributionReport,
  forgetLeftOut: nothing,
  setView: nothing,
  setFocus: nothing,
  generation: nothing,
  branch: nothing,
  force: nothing,
  setDecoding: nothing,
  openBeam: nothing,
  mask: nothing,
  setChat: nothing,
  setSpecialsAsText: nothing,
  setPair: nothing,
  chooseWindow: nothing,
  intervene: nothing,
  pin: nothing,
  unpin: nothing,
  cancel: nothing,
  retry: nothing,
  reveal: nothing,
  copy: nothing,
  command: nothing,
} as const;

/** Each answer by its method's name. */
export type PanelAnswers = {
  readonly [Method in keyof typeof PANEL_ANSWERS]: v.InferOutput<(typeof PANEL_ANSWERS)[Method]>;
};
