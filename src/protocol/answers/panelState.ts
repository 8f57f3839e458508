/** All that a webview shows, and asks for when it loads. */
import * as v from 'valibot';
import { record } from './answerParts';
import { headScores } from '../headScoreSchema';
import { pinnedMap, tokenFocus, viewState } from '../requests/panelRequests';
import { costsOfHeads, leftOutCosts } from './ablationAnswers';
import { explanationSnapshot } from './snapshot';

/** An explanation that is kept beside the one on show. */
const pinnedExplanation = record({
  id: v.string(),
  map: pinnedMap,
  /** Null where it is the one on show: heads of one text are compared then. */
  snapshot: v.nullable(explanationSnapshot),
});

export const panelStateEntries = {
  explanation: v.nullable(explanationSnapshot),
  view: viewState,
  focus: v.nullable(tokenFocus),
  /** JSON from which the host computes the explanation again; the webview keeps it with its own state, unread. */
  recipe: v.unknown(),
  /** What was measured of this model's heads on the probe set; null where nothing was. */
  scores: v.nullable(headScores),
  pinned: v.nullable(pinnedExplanation),
  /** What is known of what this text's heads are worth; null where nothing is. */
  costs: v.nullable(costsOfHeads),
  /** What is known of what pieces of this text's input are worth; null where nothing is. */
  leftOut: v.nullable(leftOutCosts),
};
export const panelState = record(panelStateEntries);

export type PinnedExplanation = v.InferOutput<typeof pinnedExplanation>;
export type PanelState = v.InferOutput<typeof panelState>;
