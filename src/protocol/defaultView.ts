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

/** A view of which nothing is left out. */
export type WholeView = Required<ViewState>;

/** The view with what it may leave out, as earlier versions did, and without what cannot be shown together. */
export function wholeView(view: ViewState): WholeView {
  const whole: WholeView = {
    direction: 'to',
    measure: 'weight',
    source: { type: 'head' },
    axis: 'words',
    cut: { type: 'all' },
    renormalise: false,
    alignment: { source: 'best', reading: 'best' },
    off: [],
    cutLinks: null,
    lesson: null,
    leave: { by: 'words', manner: 'removed' },
    lessonPath: 'whole',
    lessonPlay: null,
    lens: null,
    attribution: null,
    label: null,
    compare: { difference: false, heads: 'suited' },
    ...view,
  };
  // A rollout multiplies weights.
  if (whole.source.type === 'rollout') return { ...whole, measure: 'weight' };
  // A contribution takes a layer's heads together: there are none to pick.
  if (whole.measure === 'contribution') return { ...whole, source: { type: 'head' } };
  return whole;
}
