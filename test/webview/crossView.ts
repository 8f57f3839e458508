/** Cross-attention as most tests on the bundled model look at it, and what its lists say. */
import type { Page } from 'playwright-core';
import type { ViewState } from '../../src/protocol/panel';

export const CROSS_VIEW = {
  version: 1,
  kind: 'cross',
  // The second layer: every model that ships has two of each kind.
  layer: 1,
  head: 3,
  hideSpecial: { encoder: false, decoder: false, cross: true },
  scale: 'fixed',
} as const satisfies ViewState;

/** Where the chosen head's numbers begin in [layers][heads][length]. */
export const chosenRow = ({ heads, length }: { readonly heads: number; readonly length: number }): number =>
  (CROSS_VIEW.layer * heads + CROSS_VIEW.head) * length;

/** The first list's labels and numbers. */
export const listedRows = (page: Page): Promise<readonly (readonly string[])[]> =>
  page
    .locator('.list')
    .first()
    .locator('.ranked-token')
    .evaluateAll((nodes) =>
      nodes.map((node) => [
        node.querySelector('bdi')?.textContent ?? '',
        node.querySelector('.number')?.textContent ?? '',
      ]),
    );
