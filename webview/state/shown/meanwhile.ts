/**
 * What is looked at until the chosen kind of attention has a row: a decoder looks nowhere before it is run, and in a first use its session
 * is made when the text has long been read. Until then the encoder's attention is on show, in its own tab.
 */
import { effect, signal } from '@preact/signals-core';
import type { AttentionKind } from '../../../src/attention/types';
import type { WholeView } from '../../../src/protocol/defaultView';
import { hasNoRowYet, validView, type SetState } from '../appState';

/** A first token that comes sooner than this is waited for: nothing flashes past. */
const SOON_MILLISECONDS = 250;

export interface Meanwhile {
  /** The view with the kind that is on show. */
  readonly view: WholeView;
  /** The chosen kind, while another one is on show in its place; null otherwise. */
  readonly awaited: AttentionKind | null;
  dispose(): void;
}

export function whatIsThereMeanwhile(state: Readonly<Pick<SetState, 'snapshot' | 'view'>>): Meanwhile {
  /** The text whose first token is not waited for: it does not come soon. */
  const slow = signal('');
  const stop = effect(() => {
    const { snapshot, view } = state;
    // Its tokens were there before its model: neither is what writes in a session.
    if (snapshot?.early === true) slow.value = snapshot.id;
    if (!snapshot || !hasNoRowYet(snapshot, view.kind) || slow.peek() === snapshot.id) return undefined;
    const timer = setTimeout(() => (slow.value = snapshot.id), SOON_MILLISECONDS);
    return () => clearTimeout(timer);
  });
  const awaited = (): AttentionKind | null => {
    const { snapshot, view } = state;
    return snapshot && hasNoRowYet(snapshot, view.kind) && slow.value === snapshot.id ? view.kind : null;
  };
  return {
    get view() {
      return awaited() === null ? state.view : validView(state.snapshot, { ...state.view, kind: 'encoder' });
    },
    get awaited() {
      return awaited();
    },
    dispose: stop,
  };
}
