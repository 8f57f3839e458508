/** Drawing at most once a frame: in a frame every drawing that is due runs once, in the order in which they were made. */
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

function flush(): void {
  frame = undefined;
  const now = due.sort((one, other) => one.order - other.order);
  due = [];
  for (const { run } of now) run();
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
