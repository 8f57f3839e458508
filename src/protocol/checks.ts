/** Checks of what a webview sends, and of what comes back from storage. */
import * as v from 'valibot';
import { ExplainError } from '../errors';
import { say } from '../text/say';
import type { PanelApi } from './panel';
import { PANEL_REQUESTS, tokenFocus, viewState, type TokenFocus, type ViewState } from './requests';
import type { Checks } from './rpc';

const check =
  (method: keyof PanelApi, sentence: 'host.badRequest' | 'host.badCall' = 'host.badRequest') =>
  (request: unknown): void => {
    if (!v.is(PANEL_REQUESTS[method], request)) throw new ExplainError('INVALID_REQUEST', say(sentence, { method }));
  };

/** A check for what another extension may ask; each throws INVALID_REQUEST. */
export const API_CHECKS = {
  head: check('head', 'host.badCall'),
  tokenWeights: check('tokenWeights', 'host.badCall'),
  atlas: check('atlas', 'host.badCall'),
} as const;

/** A check for every method of PanelApi; each throws INVALID_REQUEST. */
export const PANEL_CHECKS: Checks<PanelApi> = {
  state: check('state'),
  head: check('head'),
  tokenWeights: check('tokenWeights'),
  atlas: check('atlas'),
  measure: check('measure'),
  roles: check('roles'),
  alignment: check('alignment'),
  headsOff: check('headsOff'),
  lesson: check('lesson'),
  headCosts: check('headCosts'),
  leaveOut: check('leaveOut'),
  forgetLeftOut: check('forgetLeftOut'),
  inputWithout: check('inputWithout'),
  lens: check('lens'),
  attribution: check('attribution'),
  setView: check('setView'),
  setFocus: check('setFocus'),
  generation: check('generation'),
  branch: check('branch'),
  force: check('force'),
  setDecoding: check('setDecoding'),
  openBeam: check('openBeam'),
  mask: check('mask'),
  setChat: check('setChat'),
  setSpecialsAsText: check('setSpecialsAsText'),
  setPair: check('setPair'),
  chooseWindow: check('chooseWindow'),
  pin: check('pin'),
  unpin: check('unpin'),
  cancel: check('cancel'),
  retry: check('retry'),
  reveal: check('reveal'),
  copy: check('copy'),
  command: check('command'),
};

/** True for a ViewState, for state that comes back from storage. */
export const isViewState = (value: unknown): value is ViewState => v.is(viewState, value);
/** True for a TokenFocus, for state that comes back from storage. */
export const isTokenFocus = (value: unknown): value is TokenFocus => v.is(tokenFocus, value);
