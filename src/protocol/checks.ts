/** Checks of what a webview sends: it renders untrusted text, so nothing it says is taken on faith. */
import { ATTENTION_KINDS } from '../attention/types';
import { ExplainError } from '../errors';
import type { PanelApi } from './panel';
import type { Checks } from './rpc';

type Fields = Readonly<Record<string, unknown>>;
type Check = (value: unknown) => boolean;

const MAX_TEXT = 1_000_000;
const MAX_INDICES = 100_000;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const index: Check = (value) =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 0x7fff_ffff;
const indexOrNone: Check = (value) => value === -1 || index(value);
const flag: Check = (value) => typeof value === 'boolean';
const text: Check = (value) => typeof value === 'string' && value.length <= MAX_TEXT;
const oneOf =
  (...values: readonly string[]): Check =>
  (value) =>
    typeof value === 'string' && values.includes(value);
const indices: Check = (value) => Array.isArray(value) && value.length <= MAX_INDICES && value.every(index);
const fields =
  (shape: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isFields(value) && Object.entries(shape).every(([name, check]) => check(value[name]));
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);

const kind = oneOf(...ATTENTION_KINDS);
const sequence = oneOf('source', 'target');
const nothing = fields({});
const view = fields({
  version: (value) => value === 1,
  kind,
  layer: index,
  head: index,
  hideSpecial: fields({ encoder: flag, decoder: flag, cross: flag }),
  scale: oneOf('fixed', 'row'),
});
const focus = fields({ sequence, indices, locked: flag, from: oneOf('panel', 'generation', 'editor') });

const SHAPES: Readonly<Record<keyof PanelApi, Check>> = {
  state: nothing,
  head: fields({ explanation: text, kind, layer: index, head: index }),
  tokenWeights: fields({ explanation: text, sequence, indices }),
  atlas: fields({ explanation: text, kind, maxCell: index, hideSpecial: flag }),
  setView: view,
  setFocus: fields({ focus: orNull(focus) }),
  generation: fields({ action: oneOf('step', 'run', 'stop', 'restart') }),
  branch: fields({ step: index, token: indexOrNone }),
  force: fields({ text }),
  mask: fields({ indices }),
  setChat: fields({ chat: flag }),
  setSpecialsAsText: fields({ asText: flag }),
  chooseWindow: fields({ start: index }),
  cancel: nothing,
  retry: nothing,
  reveal: fields({ sequence, index }),
  copy: fields({ text }),
  command: fields({ name: oneOf('chooseModel', 'showLog', 'openSettings', 'showGeneration', 'explain') }),
};

function refuse(method: string): never {
  throw new ExplainError(
    'INVALID_REQUEST',
    `The panel sent a request that does not fit (${method}); close it and explain the text again.`,
  );
}

/** A check for every method of PanelApi; each throws INVALID_REQUEST. */
export const PANEL_CHECKS = Object.fromEntries(
  Object.entries(SHAPES).map(([method, check]) => [
    method,
    (request: unknown) => (check(request) ? undefined : refuse(method)),
  ]),
) as unknown as Checks<PanelApi>;

/** True for a ViewState, for state that comes back from storage. */
export const isViewState: Check = view;
/** True for a TokenFocus, for state that comes back from storage. */
export const isTokenFocus: Check = focus;
