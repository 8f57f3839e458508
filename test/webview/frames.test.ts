/** Drawing at most once a frame, and no longer in one than a page can be kept from its user. */
import { signal } from '@preact/signals-core';
import { afterEach, expect, test, vi } from 'vitest';
import { draw, onFrame } from '../../webview/state/frames';

/** What the clock says: it goes on with what is drawn. */
let now = 0;
vi.spyOn(performance, 'now').mockImplementation(() => now);
const frames: FrameRequestCallback[] = [];
vi.stubGlobal('requestAnimationFrame', (next: FrameRequestCallback) => frames.push(next));

/** Runs the frame that was asked for. */
const frame = (): void => frames.splice(0).forEach((run) => run(now));
// One that was asked for and has nothing to draw any more.
afterEach(frame);

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
  const { changed, drawn, stop } = drawings(4, 6);
  changed.value = 1;
  // How long they take is not known before they have been drawn once.
  frame();
  expect(drawn).toEqual([0, 1]);
  changed.value = 2;
  frame();
  expect(drawn).toEqual([0, 1, 0]);
  while (frames.length > 0) frame();
  expect(drawn).toEqual([0, 1, 0, 1, 2, 3]);
  stop();
});

test('what changes in every frame keeps no other back for longer than some frames, one after another', () => {
  const { changed, drawn, stop } = drawings(6, 15);
  const byFrame = Array.from({ length: 8 }, (_, time) => {
    changed.value = time + 1;
    frame();
    return drawn.splice(0).join('');
  });
  expect(byFrame).toEqual(['0', '0', '0', '0', '01', '012', '0123', '01234']);
  stop();
});

test('what is asked for is drawn once, in its turn; a drawing that fails, or takes another away, keeps no other from its own', () => {
  const errors: unknown[] = [];
  vi.stubGlobal('reportError', (thrown: unknown) => errors.push(thrown));
  const drawn: string[] = [];
  const failing = onFrame(() => {
    throw new Error('no room');
  });
  const gone = onFrame(() => drawn.push('gone'));
  const taking = onFrame(() => last.stop());
  const asked = onFrame(() => drawn.push('asked'));
  const last = onFrame(() => drawn.push('last'));
  for (const one of [last, asked, asked, gone, taking, failing]) one.ask();
  gone.stop();
  frame();
  expect([drawn, errors]).toEqual([['asked'], [new Error('no room')]]);
});

test('one that is stopped before its frame is not drawn', () => {
  const { changed, drawn, stop } = drawings(4, 15);
  changed.value = 1;
  frame();
  stop();
  frame();
  expect(drawn).toEqual([0]);
});
