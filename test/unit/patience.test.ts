/** Waits with limits, on a clock that the test moves. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Patience, type WaitOptions } from '../../src/protocol/patience';
import { untilAborted } from '../../src/protocol/untilAborted';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] }));
afterEach(() => void vi.useRealTimers());

/** Waits; the list says how each wait came to its limit. */
function waiting(options: Omit<WaitOptions, 'onLimit'>, patience = new Patience()) {
  const reached: boolean[] = [];
  const done = patience.wait({ ...options, onLimit: ({ cancelled }) => reached.push(cancelled) });
  return { patience, reached, done };
}

test('a wait ends at its limit of silence, once; what is heard prolongs it, an answer ends it', () => {
  const { patience, reached } = waiting({ limit: 1000 });
  vi.advanceTimersByTime(900);
  patience.heard();
  vi.advanceTimersByTime(900);
  expect(reached).toEqual([]);
  vi.advanceTimersByTime(5000);
  expect(reached).toEqual([false]);
  const answered = waiting({ limit: 1000 });
  answered.done();
  vi.advanceTimersByTime(5000);
  expect(answered.reached).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});

test('a wait without a limit ends two seconds after it was cancelled, and news does not prolong that for ever', () => {
  const abort = new AbortController();
  const { patience, reached } = waiting({ limit: Infinity, afterCancel: 2000, signal: abort.signal });
  vi.advanceTimersByTime(3_600_000);
  abort.abort();
  vi.advanceTimersByTime(1900);
  expect(reached).toEqual([]);
  for (let i = 0; i < 100; i++) {
    patience.heard();
    vi.advanceTimersByTime(100);
  }
  expect(reached).toEqual([true]);
});

test('what is answered between other things waits as long as there are other things', () => {
  const patience = new Patience();
  const work = waiting({ limit: Infinity }, patience);
  const question = waiting({ limit: 1000, background: true }, patience);
  vi.advanceTimersByTime(60_000);
  expect(question.reached).toEqual([]);
  work.done();
  vi.advanceTimersByTime(1100);
  expect(question.reached).toEqual([false]);
});

test('one that said that it hears nothing for a while is not stuck meanwhile, but where the limits are strict', () => {
  const patience = new Patience();
  const abort = new AbortController();
  const cancelled = { limit: Infinity, afterCancel: 2000, signal: abort.signal };
  const { reached } = waiting(cancelled, patience);
  const strict = waiting({ ...cancelled, strict: true }, patience);
  abort.abort();
  patience.deaf(60_000);
  vi.advanceTimersByTime(50_000);
  expect(reached).toEqual([]);
  expect(strict.reached).toEqual([true]);
  // It hears again: from here on the cancel has its limit.
  patience.deaf(0);
  vi.advanceTimersByTime(1900);
  expect(reached).toEqual([]);
  vi.advanceTimersByTime(200);
  expect(reached).toEqual([true]);
});

test('one that says it hears nothing is not waited for without an end', () => {
  const { patience, reached } = waiting({ limit: 1000 });
  patience.deaf(5000);
  vi.advanceTimersByTime(5900);
  expect(reached).toEqual([]);
  vi.advanceTimersByTime(300);
  expect(reached).toEqual([false]);
});

test('time in which this thread did not run counts no more than a second', () => {
  const { reached } = waiting({ limit: 5000 });
  const now = vi.spyOn(performance, 'now');
  const before = performance.now();
  now.mockReturnValue(before + 3_600_000);
  vi.advanceTimersByTime(100);
  expect(reached).toEqual([]);
  now.mockRestore();
});

test('a promise is waited for no longer than its signal allows', async () => {
  const never = new Promise<never>(() => undefined);
  const abort = new AbortController();
  const waitingFor = untilAborted(never, abort.signal);
  abort.abort();
  await expect(waitingFor).rejects.toMatchObject({ name: 'AbortError' });
  await expect(untilAborted(Promise.reject(new Error('late')), abort.signal)).rejects.toMatchObject({
    name: 'AbortError',
  });
  expect(await untilAborted(Promise.resolve(7), new AbortController().signal)).toBe(7);
});
