/** One state, many views: a view is drawn again, at most once a frame, when what it selected has changed. */
export interface Store<State> {
  get(): State;
  set(patch: Partial<State>): void;
  /** Calls `render` at once and whenever a selected value changes (by Object.is). */
  watch<Selected extends readonly unknown[]>(
    select: (state: State) => readonly [...Selected],
    render: (selected: readonly [...Selected], state: State) => void,
  ): void;
}

interface Watcher<State> {
  selected: readonly unknown[];
  readonly select: (state: State) => readonly unknown[];
  readonly render: (selected: readonly unknown[], state: State) => void;
}

export function createStore<State extends object>(initial: State): Store<State> {
  let state = initial;
  let scheduled = false;
  const watchers: Watcher<State>[] = [];

  const flush = (): void => {
    scheduled = false;
    for (const watcher of watchers) {
      const next = watcher.select(state);
      if (next.every((value, index) => Object.is(value, watcher.selected[index]))) continue;
      watcher.selected = next;
      try {
        watcher.render(next, state);
      } catch (thrown) {
        // One view that fails must not keep the others from drawing.
        reportError(thrown);
      }
    }
  };

  return {
    get: () => state,
    set(patch) {
      state = { ...state, ...patch };
      if (scheduled) return;
      scheduled = true;
      requestAnimationFrame(flush);
    },
    watch(select, render) {
      const selected = select(state);
      watchers.push({ selected, select, render: render as Watcher<State>['render'] });
      render(selected, state);
    },
  };
}
