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
}

let made = 0;
let due: Drawing[] = [];
let frame: number | undefined;
let cut = 0;

/** No drawing is begun in a frame after so long, in milliseconds: the browser has to lay out and paint what was drawn. */
const BUDGET = 20;
/** So many frames in a row may leave drawings to the next: what changes all the time, as under a moving pointer, must not keep them back. */
const MOST_CUT = 4;

function flush(): void {
  frame = undefined;
  const now = due.sort((one, other) => one.order - other.order);
  due = [];
  const began = performance.now();
  let done = 0;
  for (const { run } of now) {
    if (cut < MOST_CUT && performance.now() - began > BUDGET) break;
    run();
    done++;
  }
  cut = done < now.length ? cut + 1 : 0;
  for (const rest of now.slice(done)) later(rest);
}

function later(drawing: Drawing): void {
  if (!due.includes(drawing)) due.push(drawing);
  frame ??= requestAnimationFrame(flush);
}

/**
 * Calls `render` at once, and on a frame after any signal that it has read last time has changed. Returns how to stop.
 * A drawing that fails is reported, and keeps no other from drawing.
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
      try {
        render();
      } catch (thrown) {
        reportError(thrown);
      }
    });
  };
  const drawing: Drawing = { order: made++, run };
  run();
  return () => {
    forget();
    due = due.filter((other) => other !== drawing);
  };
}
