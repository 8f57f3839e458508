import type { ViewState } from './panel';

/** Special tokens are hidden in cross-attention to begin with: most of its weight rests on `</s>`, which hides all else. */
export const DEFAULT_VIEW: ViewState = {
  version: 1,
  kind: 'cross',
  layer: 0,
  head: 0,
  hideSpecial: { encoder: false, decoder: false, cross: true },
  scale: 'fixed',
};
