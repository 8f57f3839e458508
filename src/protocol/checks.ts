/** Checks of what is asked by a schema for each method, and of what comes back from storage. */
import * as v from 'valibot';
import { ExplainError } from '../errors';
import { say } from '../text/say';
import type { EngineApi } from './engine';
import type { PanelApi } from './panel';
import { ENGINE_REQUESTS } from './requests/engineRequests';
import { PANEL_REQUESTS, tokenFocus, viewState, type TokenFocus, type ViewState } from './requests/panelRequests';
import type { Checks } from './rpc';

type Schemas = Readonly<Record<string, v.GenericSchema>>;

/** A check for each method that has a schema; each throws INVALID_REQUEST with this sentence. */
function checksOf<Known extends Schemas>(
  schemas: Known,
  sentence: 'host.badRequest' | 'host.badCall' | 'engine.badRequest',
): Readonly<Record<keyof Known, (request: unknown) => void>> {
  const checks = Object.entries<v.GenericSchema>(schemas).map(([method, schema]) => {
    const check = (request: unknown): void => {
      if (!v.is(schema, request)) throw new ExplainError('INVALID_REQUEST', say(sentence, { method }));
    };
    return [method, check] as const;
  });
  return Object.fromEntries(checks) as Record<keyof Known, (request: unknown) => void>;
}

/** Of what another extension may ask. */
const { head, tokenWeights, atlas } = PANEL_REQUESTS;
export const API_CHECKS = checksOf({ head, tokenWeights, atlas }, 'host.badCall');

/** Of what a webview may ask: it renders untrusted text. */
export const PANEL_CHECKS: Checks<PanelApi> = checksOf(PANEL_REQUESTS, 'host.badRequest');

/** Of what the extension host may ask of the engine: a request that does not fit is answered, and ends nothing. */
export const ENGINE_CHECKS: Checks<EngineApi> = checksOf(ENGINE_REQUESTS, 'engine.badRequest');

/** True for a ViewState, for state that comes back from storage. */
export const isViewState = (value: unknown): value is ViewState => v.is(viewState, value);
/** True for a TokenFocus, for state that comes back from storage. */
export const isTokenFocus = (value: unknown): value is TokenFocus => v.is(tokenFocus, value);
