/** The moment in which nobody asks anything. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Quiet } from '../../../src/engine/quiet';

beforeEach(() => vi.useFakeTimers({ toFake: ['performance', 'setTimeout'] }));
afterEach(() => vi.useRealTimers());

/** When `quiet` comes, in milliseconds, with questions at these times. */
async function comesAt(questions: readonly number[], quiet = new Quiet()): Promise<number> {
  const began = performance.now();
  for (const at of questions) setTimeout(() => void quiet.after(() => Promise.resolve()), at);
  const coming = quiet.comes().then(() => performance.now() - began);
  await vi.advanceTimersByTimeAsync(2000);
  return coming;
}

test('comes a quarter of a second after the last question', async () => {
  expect(await comesAt([30])).toBeGreaterThan(280);
  expect(await comesAt([30])).toBeLessThan(310);
  expect(await comesAt([30, 100, 180])).toBeGreaterThan(430);
  expect(await comesAt([30, 100, 180])).toBeLessThan(460);
});

test('is not waited for longer than a second: where nobody asks, or somebody never ends', async () => {
  expect(await comesAt([])).toBeLessThan(1030);
  expect(await comesAt([])).toBeGreaterThan(990);
  expect(await comesAt(Array.from({ length: 40 }, (_, at) => at * 50))).toBeLessThan(1030);
});

test('questions of before do not count', async () => {
  const quiet = new Quiet();
  await quiet.after(() => Promise.resolve());
  await vi.advanceTimersByTimeAsync(300);
  expect(await comesAt([], quiet)).toBeGreaterThan(990);
});

test('answers what is asked, and fails as that fails', async () => {
  const quiet = new Quiet();
  expect(await quiet.after(() => Promise.resolve(7))).toBe(7);
  await expect(quiet.after(() => Promise.reject(new Error('none')))).rejects.toThrow('none');
});
