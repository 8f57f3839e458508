/**
 * The state, with a signal behind each of its values: a drawing that reads a value is drawn again when that value changes, so that no
 * lists of dependencies have to be kept.
 */
import { batch, signal, type Signal } from '@preact/signals-core';

export interface Store<State> {
  /** Always the present state. What is read of it inside a drawing or a `computed` is followed. */
  readonly state: Readonly<State>;
  readonly set: (patch: Partial<State>) => void;
}

/** @param initial every value that the state will ever have, as a property each */
export function createStore<State extends object>(initial: State): Store<State> {
  const signals = new Map<string, Signal<unknown>>();
  const state = {};
  for (const [name, value] of Object.entries(initial)) {
    const own = signal<unknown>(value);
    signals.set(name, own);
    Object.defineProperty(state, name, { get: () => own.value, enumerable: true });
  }
  return {
    state: state as Readonly<State>,
    set: (patch) =>
      batch(() => {
        for (const [name, value] of Object.entries(patch)) {
          const own = signals.get(name);
          if (own) own.value = value;
        }
      }),
  };
}

/** An object whose every property is computed when it is read: derived state that looks like state. */
export function derived<Values extends object>(compute: {
  readonly [K in keyof Values]: () => Values[K];
}): Readonly<Values> {
  const values = {};
  for (const [name, get] of Object.entries(compute))
    Object.defineProperty(values, name, { get: get as () => unknown, enumerable: true });
  return values as Readonly<Values>;
}

/** One object over several: each property reads from the part that has it, so that signals are still followed. */
export function joined<Whole>(...parts: readonly Readonly<Partial<Whole>>[]): Whole {
  const state = {};
  for (const part of parts)
    for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(part)))
      Object.defineProperty(state, name, { ...property, configurable: true });
  return state as Whole;
}
