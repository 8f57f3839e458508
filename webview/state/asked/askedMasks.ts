/** Masking tokens of the source: each time all masks are asked for, and the model reads the text anew. */
import { canMask, type AppState } from '../appState';
import type { ShownApi } from './shownApi';

export interface AskedMasks {
  /** Masks those of the source tokens that can be masked, or frees them where all of them are masked; the text is then read again. */
  toggleMasks(indices: readonly number[]): void;
  unmaskAll(): void;
}

/** @param act runs a request, and shows why it failed where it does */
export function createMasks(
  state: AppState,
  api: Pick<ShownApi, 'mask'>,
  act: (request: Promise<unknown>) => void,
): AskedMasks {
  // The masks that were asked for last. The snapshot lacks them while the model reads the text anew, and a further mask must keep them.
  let asked: readonly number[] | null = null;
  const mask = (indices: readonly number[]): void => {
    asked = indices;
    const settled = (): void => {
      if (asked === indices) asked = null;
    };
    act(api.mask({ indices }).finally(settled));
  };
  return {
    toggleMasks(indices) {
      const { snapshot } = state;
      const wanted = indices.filter((index) => canMask(snapshot, { sequence: 'source', index }));
      if (!snapshot || wanted.length === 0) return;
      const now = asked ?? snapshot.masked;
      mask(
        wanted.every((index) => now.includes(index))
          ? now.filter((index) => !wanted.includes(index))
          : [...new Set([...now, ...wanted])].sort((a, b) => a - b),
      );
    },
    unmaskAll: () => mask([]),
  };
}
