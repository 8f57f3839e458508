/** What heads and pieces of the input are worth to the output: measured when it is asked for, told piece by piece. */
import type { HeadCosts, InputWithoutReport, LeftOutCosts } from '../../../src/protocol/engine';
import type { PanelApi } from '../../../src/protocol/panel';
import type { AppState, SetState } from '../appState';
import { createGradual } from './gradual';
import { chosenLabel, chosenOutput, lockedInput, pieceMethod, piecesOf } from '../shown/pieces';

export interface OutputCosts {
  /** Measures what each head of the chosen kind is worth to the output; what is known when it is stopped stays. */
  rankHeads(): void;
  stopRanking(): void;
  /** Measures what each word or sentence of the input is worth to the output, or to its locked tokens. */
  rankPieces(): void;
  stopPieces(): void;
  /** Forgets what pieces are worth, and so takes their colours from the editor. */
  forgetPieces(): void;
  /** Leaves the locked tokens of the input out together, and computes the output without them. */
  leaveOutLocked(): void;
  stopShortening(): void;
}

/** @param act runs a request, and shows why it failed where it does */
export function createOutputCosts(
  state: AppState,
  set: (patch: Partial<SetState>) => void,
  api: Pick<PanelApi, 'headCosts' | 'leaveOut' | 'inputWithout' | 'forgetLeftOut'>,
  act: (request: Promise<unknown>) => void,
): OutputCosts & { stopAll(): void } {
  const heads = createGradual<HeadCosts>((costing, costs) => set({ costing, ...(costs !== undefined && { costs }) }));
  const pieces = createGradual<LeftOutCosts>((leaving, leftOut) =>
    set({ leaving, ...(leftOut !== undefined && { leftOut }) }),
  );
  const shortening = createGradual<InputWithoutReport>((isRunning, shortened) =>
    set({ shortening: isRunning, ...(shortened !== undefined && { shortened }) }),
  );
  return {
    rankHeads() {
      const { snapshot, view } = state;
      if (!snapshot) return;
      const request = { explanation: snapshot.id, kind: view.kind, ...chosenLabel(snapshot, view) };
      act(heads.start((signal) => api.headCosts(request, signal)));
    },
    stopRanking: () => heads.stop(),
    rankPieces() {
      const { snapshot, view, focus } = state;
      if (!snapshot) return;
      const { by, manner } = view.leave;
      const request = {
        explanation: snapshot.id,
        ranges: piecesOf(snapshot, by),
        manner,
        method: pieceMethod(view),
        ...chosenOutput(snapshot, focus),
        ...chosenLabel(snapshot, view),
      };
      act(pieces.start((signal) => api.leaveOut(request, signal)));
    },
    stopPieces: () => pieces.stop(),
    forgetPieces() {
      const explanation = state.snapshot?.id;
      if (explanation !== undefined) act(api.forgetLeftOut({ explanation }));
    },
    leaveOutLocked() {
      const { snapshot, view, focus } = state;
      if (!snapshot) return;
      const request = {
        explanation: snapshot.id,
        ranges: lockedInput(snapshot, focus),
        manner: view.leave.manner,
        ...(snapshot.decoding && { decoding: snapshot.decoding }),
      };
      act(shortening.start((signal) => api.inputWithout(request, signal)));
    },
    stopShortening: () => shortening.stop(),
    stopAll() {
      for (const question of [heads, pieces, shortening]) question.stop();
    },
  };
}
