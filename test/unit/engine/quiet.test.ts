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

test('comes a tenth of a second after the last question', async () => {
  expect(await comesAt([30])).toBeGreaterThan(130);
  expect(await comesAt([30])).toBeLessThan(160);
  expect(await comesAt([30, 100, 180])).toBeGreaterThan(280);
  expect(await comesAt([30, 100, 180])).toBeLessThan(310);
});

test('is not waited for longer than 0.8 seconds: where nobody asks, or somebody never ends', async () => {
  expect(await comesAt([])).toBeLessThan(830);
  expect(await comesAt([])).toBeGreaterThan(790);
  expect(await comesAt(Array.from({ length: 40 }, (_, at) => at * 50))).toBeLessThan(830);
});

test('is over at once where what is kept back is looked at; a look before it was kept back says nothing', async () => {
  const quiet = new Quiet();
  setTimeout(() => quiet.end(), 50);
  expect(await comesAt([30, 60, 90], quiet)).toBeLessThan(70);
  expect(await comesAt([], quiet)).toBeGreaterThan(790);
});

test('questions of before do not count', async () => {
  const quiet = new Quiet();
  await quiet.after(() => Promise.resolve());
  await vi.advanceTimersByTimeAsync(300);
  expect(await comesAt([], quiet)).toBeGreaterThan(790);
});

test('answers what is asked, and fails as that fails', async () => {
  const quiet = new Quiet();
  expect(await quiet.after(() => Promise.resolve(7))).toBe(7);
  await expect(quiet.after(() => Promise.reject(new Error('none')))).rejects.toThrow('none');
});
