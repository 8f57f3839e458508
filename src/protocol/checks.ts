/** Checks of what is asked by a schema for each method, and of what comes back from storage. */
import * as v from 'valibot';
import { ExplainError } from '../errors';
import { say } from '../text/say';
import type { EngineApi } from './engine';
import type { PanelApi } from './panel';
import { ENGINE_REQUESTS } from './requests/engineRequests';
import { PANEL_REQUESTS, tokenFocus, viewState, type TokenFocus, type ViewState } from './requests/panelRequests';
import type { Checks } from './rpc';
import { schemaChecks } from './schemaChecks';

const wrong =
  (sentence: 'host.badRequest' | 'host.badCall' | 'engine.badRequest') =>
  (method: string): ExplainError =>
    new ExplainError('INVALID_REQUEST', say(sentence, { method }));

/** Of what another extension may ask. */
const { head, tokenWeights, atlas } = PANEL_REQUESTS;
export const API_CHECKS = schemaChecks({ head, tokenWeights, atlas }, wrong('host.badCall'));

/** Of what a webview may ask: it renders untrusted text. */
export const PANEL_CHECKS: Checks<PanelApi> = schemaChecks(PANEL_REQUESTS, wrong('host.badRequest'));

/** Of what the extension host may ask of the engine: a request that does not fit is answered, and ends nothing. */
export const ENGINE_CHECKS: Checks<EngineApi> = schemaChecks(ENGINE_REQUESTS, wrong('engine.badRequest'));

/** True for a ViewState, for state that comes back from storage. */
export const isViewState = (value: unknown): value is ViewState => v.is(viewState, value);
/** True for a TokenFocus, for state that comes back from storage. */
export const isTokenFocus = (value: unknown): value is TokenFocus => v.is(tokenFocus, value);
