/**
 * Drawing at most once a frame: in a frame every drawing that is due runs once, in the order in which they were made. Where that takes
 * long, as when a long text opens, the rest follows in the next frame, so that the page hears its user in between.
 */
import { effect } from '@preact/signals-core';

/** Reads signals so that a drawing follows them although it does not show them. */
export const follow = (..._read: readonly unknown[]): void => undefined;

interface Drawing {
  readonly order: number;
  readonly run: () => void;
  /** Milliseconds that it took last. */
  took: number;
  /** Frames for which it has been left to the next. */
  waited: number;
  stopped: boolean;
}

let made = 0;
let due: Drawing[] = [];
let frame: number | undefined;

/** No drawing is begun in a frame after so long, in milliseconds: the browser has to lay out and paint what was drawn. */
const BUDGET = 6;
/** For so many frames a drawing may be left to the next: what changes all the time, as under a moving pointer, must not keep it back. */
const MOST_WAITED = 4;

function flush(): void {
  frame = undefined;
  const now = due.sort((one, other) => one.order - other.order);
  due = [];
  // Whatever it takes, a frame comes as far as the first of those that have waited long.
  const must = now.find(({ waited }) => waited >= MOST_WAITED)?.order ?? -1;
  const began = performance.now();
  let done = 0;
  for (const drawing of now) {
    const before = performance.now();
    // One that took long last time has a frame of its own.
    const isOver = before - began > BUDGET || (done > 0 && before - began + drawing.took > BUDGET);
    if (isOver && drawing.order > must) break;
    drawing.waited = 0;
    // One before it in this frame may have taken it away.
    if (!drawing.stopped) drawing.run();
    drawing.took = performance.now() - before;
    done++;
  }
  for (const rest of now.slice(done)) {
    rest.waited++;
    later(rest);
  }
}

function later(drawing: Drawing): void {
  if (!due.includes(drawing)) due.push(drawing);
  frame ??= requestAnimationFrame(flush);
}

function drop(drawing: Drawing): void {
  drawing.stopped = true;
  due = due.filter((other) => other !== drawing);
}

const drawingOf = (run: () => void): Drawing => ({ order: made++, run, took: 0, waited: 0, stopped: false });

/** One that fails keeps no other from drawing. */
function reported(render: () => void): void {
  try {
    render();
  } catch (thrown) {
    reportError(thrown);
  }
}

/**
 * Calls `render` at once, and on a frame after any signal that it has read last time has changed. Returns how to stop.
 * A drawing that fails is reported.
 */
export function draw(render: () => void): () => void {
  let forget = (): void => undefined;
  const run = (): void => {
    forget();
    let isFirst = true;
    forget = effect(() => {
      // A change calls this function too. It reads nothing then: the next frame draws, and what it reads is followed again.
      if (!isFirst) {
        later(drawing);
        return;
      }
      isFirst = false;
      reported(render);
    });
  };
  const drawing = drawingOf(run);
  run();
  return () => {
    forget();
    drop(drawing);
  };
}

/** What is drawn when it is asked for. */
export interface AskedDrawing {
  /** Has it drawn on the next frame, once however often this was called before that. */
  readonly ask: () => void;
  readonly stop: () => void;
}

/** A drawing that follows no signals; it has its turn in a frame, and its share of it, like those that do. */
export function onFrame(render: () => void): AskedDrawing {
  const drawing = drawingOf(() => reported(render));
  return { ask: () => later(drawing), stop: () => drop(drawing) };
}
