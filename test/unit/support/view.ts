import type { ViewState } from '../../../src/protocol/panel';

export const DEFAULT_VIEW_FOR_TESTS: ViewState = {
  version: 1,
  kind: 'cross',
  layer: 0,
  head: 0,
  hideSpecial: { encoder: false, decoder: false, cross: true },
  scale: 'fixed',
};
