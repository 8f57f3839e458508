/** The panel's service: what the webviews ask of the extension host. Types only; the schemas are in `requests/`, `answers/` and `events/`. */
import type { PanelAnswers } from './answers/panelAnswers';
import type { PanelRequests } from './requests/panelRequests';

export type * from './answers/snapshot';
export type { PanelState, PinnedExplanation } from './answers/panelState';
export type { PanelEvents } from './events/panelEvents';
export type { PanelCommand, PanelRequests, PinnedMap, TokenFocus, ViewState } from './requests/panelRequests';

/**
 * Each request that is about an explanation names it. One that has been replaced since (a late click) is left as it
 * is: the request does nothing, and the log has a word about it.
 */
export interface PanelApi {
  /** Pulls the whole state; a webview calls it on load, whenever it becomes visible, and where it missed a change. */
  state(request: PanelRequests['state'], signal?: AbortSignal): Promise<PanelAnswers['state']>;
  head(request: PanelRequests['head'], signal?: AbortSignal): Promise<PanelAnswers['head']>;
  tokenWeights(request: PanelRequests['tokenWeights'], signal?: AbortSignal): Promise<PanelAnswers['tokenWeights']>;
  atlas(request: PanelRequests['atlas'], signal?: AbortSignal): Promise<PanelAnswers['atlas']>;
  /** Makes a measure of the text, so that it can be asked for in place of the weights. */
  measure(request: PanelRequests['measure'], signal?: AbortSignal): Promise<PanelAnswers['measure']>;
  roles(request: PanelRequests['roles'], signal?: AbortSignal): Promise<PanelAnswers['roles']>;
  alignment(request: PanelRequests['alignment'], signal?: AbortSignal): Promise<PanelAnswers['alignment']>;
  /** What the output would be without some heads. What is on show stays as it is. */
  headsOff(request: PanelRequests['headsOff'], signal?: AbortSignal): Promise<PanelAnswers['headsOff']>;
  /** What each head of a kind is worth to the output: a `costs` event after each, and all at the end. */
  headCosts(request: PanelRequests['headCosts'], signal?: AbortSignal): Promise<PanelAnswers['headCosts']>;
  /** One station of the lesson, for one token and one head. */
  lesson(request: PanelRequests['lesson'], signal?: AbortSignal): Promise<PanelAnswers['lesson']>;
  /** What pieces of the input are worth to the output: a `leftOut` event after each, and all at the end. */
  leaveOut(request: PanelRequests['leaveOut'], signal?: AbortSignal): Promise<PanelAnswers['leaveOut']>;
  /** Forgets what pieces of the input are worth: the editor's colours go with it. */
  forgetLeftOut(request: PanelRequests['forgetLeftOut'], signal?: AbortSignal): Promise<PanelAnswers['forgetLeftOut']>;
  /** What the output would be without some parts of the input together. */
  inputWithout(request: PanelRequests['inputWithout'], signal?: AbortSignal): Promise<PanelAnswers['inputWithout']>;
  /** What each block would write if it were the last, at some places of the text. */
  lens(request: PanelRequests['lens'], signal?: AbortSignal): Promise<PanelAnswers['lens']>;
  /** What adds to a token's logit, or to its lead over another token's. */
  attribution(request: PanelRequests['attribution'], signal?: AbortSignal): Promise<PanelAnswers['attribution']>;
  setView(request: PanelRequests['setView'], signal?: AbortSignal): Promise<PanelAnswers['setView']>;
  setFocus(request: PanelRequests['setFocus'], signal?: AbortSignal): Promise<PanelAnswers['setFocus']>;
  /** Generation: one step, all steps, stop, from the start again. */
  generation(request: PanelRequests['generation'], signal?: AbortSignal): Promise<PanelAnswers['generation']>;
  branch(request: PanelRequests['branch'], signal?: AbortSignal): Promise<PanelAnswers['branch']>;
  /** Teacher-forces a text in place of what was generated. */
  force(request: PanelRequests['force'], signal?: AbortSignal): Promise<PanelAnswers['force']>;
  /** Generates again from the start, with these settings of how tokens are chosen. */
  setDecoding(request: PanelRequests['setDecoding'], signal?: AbortSignal): Promise<PanelAnswers['setDecoding']>;
  /** Shows another text of the search that the one on show is of. */
  openBeam(request: PanelRequests['openBeam'], signal?: AbortSignal): Promise<PanelAnswers['openBeam']>;
  /** Explains the text again with the model's mask in place of exactly these source tokens; none to read it as it is. */
  mask(request: PanelRequests['mask'], signal?: AbortSignal): Promise<PanelAnswers['mask']>;
  /** Explains the text again, in the model's chat template or without it; remembered for the model. */
  setChat(request: PanelRequests['setChat'], signal?: AbortSignal): Promise<PanelAnswers['setChat']>;
  /** Explains the text again, with the special tokens that are typed in it as text, or as those tokens. */
  setSpecialsAsText(
    request: PanelRequests['setSpecialsAsText'],
    signal?: AbortSignal,
  ): Promise<PanelAnswers['setSpecialsAsText']>;
  /** Explains two selections again, as a pair in this order, or as one text. */
  setPair(request: PanelRequests['setPair'], signal?: AbortSignal): Promise<PanelAnswers['setPair']>;
  /** Explains another window of a text that is longer than the model takes. */
  chooseWindow(request: PanelRequests['chooseWindow'], signal?: AbortSignal): Promise<PanelAnswers['chooseWindow']>;
  /**
   * Explains the text again without some pieces of it, beside the reading of it as it stands, which is pinned; or all of it again, and
   * unpins that.
   */
  intervene(request: PanelRequests['intervene'], signal?: AbortSignal): Promise<PanelAnswers['intervene']>;
  /** Keeps the explanation on show, to be compared with what is explained after it; in place of what was pinned before. */
  pin(request: PanelRequests['pin'], signal?: AbortSignal): Promise<PanelAnswers['pin']>;
  /** Lets the pinned explanation go. */
  unpin(request: PanelRequests['unpin'], signal?: AbortSignal): Promise<PanelAnswers['unpin']>;
  /** Cancels loading or running. */
  cancel(request: PanelRequests['cancel'], signal?: AbortSignal): Promise<PanelAnswers['cancel']>;
  /** Runs the same recipe again (after an error), or explains the text at the same place as it is now (after an edit). */
  retry(request: PanelRequests['retry'], signal?: AbortSignal): Promise<PanelAnswers['retry']>;
  /** Selects the token's text in the editor. */
  reveal(request: PanelRequests['reveal'], signal?: AbortSignal): Promise<PanelAnswers['reveal']>;
  copy(request: PanelRequests['copy'], signal?: AbortSignal): Promise<PanelAnswers['copy']>;
  /** Runs one of the extension's own commands. */
  command(request: PanelRequests['command'], signal?: AbortSignal): Promise<PanelAnswers['command']>;
}
