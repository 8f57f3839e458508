/** The token that is pointed at or locked: here at once, and told to the host, which marks it in the editor. */
import type { SequenceName } from '../../src/attention/types';
import { unitsOf, wholeUnits } from '../../src/measure/units';
import type { PanelApi, TokenFocus } from '../../src/protocol/panel';
import { sameFocus, shownAxis, tokensOf, type AppState, type SetState, type TokenRef } from './appState';

/** How long the pointer rests on a token before the host is told; in milliseconds. */
const FOCUS_DELAY = 60;

export interface Pointing {
  /** The pointer or the keyboard is on a token, or on none. */
  hover(token: TokenRef | null): void;
  /** The pointer or the keyboard is on a word of the alignment. */
  lookAt(sequence: SequenceName, indices: readonly number[]): void;
  /** Locks a token, or frees it when it is the locked one; `add` takes it together with those locked. */
  lock(token: TokenRef, add: boolean): void;
  free(): void;
}

/** What the host says of the focus, against what this page is about to tell it. */
export interface ToldFocus {
  /** True while a focus of this page is on its way to the host: what the host knows is older. */
  readonly isOnItsWay: boolean;
  dispose(): void;
}

/** @param from which page it is */
export function createPointing(
  from: 'panel' | 'generation',
  state: AppState,
  set: (patch: Partial<SetState>) => void,
  api: Pick<PanelApi, 'setFocus'>,
  fail: (reason: unknown) => void,
): ToldFocus & { readonly pointing: Pointing } {
  let timer: number | undefined;
  let sent = 0;
  const tellFocus = (focus: TokenFocus | null, delay: number): void => {
    clearTimeout(timer);
    timer = undefined;
    const explanation = state.snapshot?.id;
    if (explanation === undefined) return;
    timer = window.setTimeout(() => {
      timer = undefined;
      sent++;
      void api
        .setFocus({ explanation, focus })
        .catch(fail)
        .finally(() => sent--);
    }, delay);
  };
  const setFocus = (focus: TokenFocus | null, delay: number): void => {
    if (sameFocus(state.focus, focus)) return;
    set({ focus, second: null });
    tellFocus(focus, delay);
  };
  /** All tokens of the word that a token is in; the token alone where tokens are shown. */
  const wholeItem = ({ sequence, index }: TokenRef): readonly number[] => {
    const whole = wholeUnits(unitsOf(tokensOf(state.snapshot, sequence), shownAxis(state)), [index]);
    return whole.length === 0 ? [index] : whole;
  };
  const pointing: Pointing = {
    hover(token) {
      const { focus } = state;
      const isLocked = token !== null && focus?.sequence === token.sequence && focus.indices.includes(token.index);
      if (focus?.locked === true) set({ second: isLocked ? null : token });
      else setFocus(token && { sequence: token.sequence, indices: wholeItem(token), locked: false, from }, FOCUS_DELAY);
    },
    lookAt(sequence, indices) {
      if (state.focus?.locked !== true)
        setFocus({ sequence, indices, locked: false, from, by: 'alignment' }, FOCUS_DELAY);
    },
    lock(token, add) {
      const { focus } = state;
      const { sequence, index } = token;
      const own = wholeItem(token);
      const locked = focus?.locked === true && focus.sequence === sequence ? focus.indices : [];
      const has = locked.includes(index);
      const alone = has && locked.every((one) => own.includes(one)) ? [] : own;
      const together = has
        ? locked.filter((other) => !own.includes(other))
        : [...new Set([...locked, ...own])].sort((a, b) => a - b);
      const indices = add ? together : alone;
      setFocus(
        indices.length === 0
          ? { sequence, indices: own, locked: false, from }
          : { sequence, indices, locked: true, from },
        0,
      );
    },
    free: () => setFocus(null, 0),
  };
  return {
    pointing,
    get isOnItsWay() {
      return timer !== undefined || sent > 0;
    },
    dispose: () => clearTimeout(timer),
  };
}
