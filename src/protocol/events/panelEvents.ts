/** What the extension host tells the webviews by itself: one schema an event, from which its type comes. */
import * as v from 'valibot';
import { record } from '../answers/answerParts';
import { panelStateEntries } from '../answers/panelState';
import { explanationNews } from '../answers/snapshot';
import { tokenFocus, viewState } from '../requests/panelRequests';
import { ENGINE_EVENTS } from './engineEvents';

const { recipe, scores, pinned, costs, leftOut } = panelStateEntries;

export const PANEL_EVENTS = {
  explanation: explanationNews,
  view: viewState,
  /** Another token is looked at in this explanation. */
  focus: record({ explanation: v.string(), focus: v.nullable(tokenFocus) }),
  /** How far a measure of this explanation is made. */
  measuring: ENGINE_EVENTS.measuring,
  /** What is known so far of what this explanation's heads are worth. */
  costs: ENGINE_EVENTS.costs,
  /** What is known so far of what pieces of this explanation's input are worth. */
  leftOut: ENGINE_EVENTS.leftOut,
  /** What `PanelState.costs` and `PanelState.leftOut` are from now on: told where they come back with their text, or are forgotten. */
  measured: record({ costs, leftOut }),
  /** What `PanelState.recipe` is from now on. */
  recipe,
  /** What `PanelState.scores` is from now on. */
  scores,
  /** What `PanelState.pinned` is from now on: told where it is another one or comes to rest, not with each token. */
  pinned,
} as const;

export type PanelEvents = {
  readonly [Event in keyof typeof PANEL_EVENTS]: v.InferOutput<(typeof PANEL_EVENTS)[Event]>;
};
