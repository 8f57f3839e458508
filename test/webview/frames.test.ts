/** Drawing at most once a frame, and no longer in one than a page can be kept from its user. */
import { signal } from '@preact/signals-core';
import { afterEach, expect, test, vi } from 'vitest';
import { draw } from '../../webview/state/frames';

/** What the clock says: it goes on with what is drawn. */
let now = 0;
vi.spyOn(performance, 'now').mockImplementation(() => now);
const frames: FrameRequestCallback[] = [];
vi.stubGlobal('requestAnimationFrame', (next: FrameRequestCallback) => frames.push(next));
afterEach(() => void frames.splice(0));

/** Runs the frame that was asked for. */
const frame = (): void => frames.splice(0).forEach((run) => run(now));

/** Drawings of one signal that take so long, in milliseconds; what has been drawn since, by their numbers. */
function drawings(count: number, milliseconds: number) {
  const changed = signal(0);
  const drawn: number[] = [];
  const stops = Array.from({ length: count }, (_, number) =>
    draw(() => {
      if (changed.value === 0) return;
      drawn.push(number);
      now += milliseconds;
    }),
  );
  return { changed, drawn, stop: () => stops.forEach((stop) => stop()) };
}

test('quick drawings are all of one frame, each once and in their order', () => {
  const { changed, drawn, stop } = drawings(50, 0);
  changed.value = 1;
  changed.value = 2;
  expect(drawn).toEqual([]);
  frame();
  expect(drawn).toEqual(Array.from({ length: 50 }, (_, number) => number));
  expect(frames).toEqual([]);
  stop();
});

test('slow ones go on in the next frames, in their order, and what changes meanwhile is drawn as it then is', () => {
  const { changed, drawn, stop } = drawings(4, 15);
  changed.value = 1;
  frame();
  expect(drawn).toEqual([0, 1]);
  changed.value = 2;
  frame();
  frame();
  expect(drawn).toEqual([0, 1, 0, 1, 2, 3]);
  expect(frames).toEqual([]);
  stop();
});

test('what changes in every frame keeps no other back for longer than some frames', () => {
  const { changed, drawn, stop } = drawings(6, 15);
  for (let time = 1; time <= 5; time++) {
    changed.value = time;
    frame();
  }
  expect(drawn).toEqual([0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 2, 3, 4, 5]);
  expect(frames).toEqual([]);
  stop();
});

test('one that is stopped before its frame is not drawn', () => {
  const { changed, drawn, stop } = drawings(4, 15);
  changed.value = 1;
  frame();
  stop();
  frame();
  expect(drawn).toEqual([0, 1]);
});
