import { expect, test } from 'vitest';
// That messages are heard in between is shown in a browser (engine.browser.test.ts): Node serves one port until it is empty.
import { inSlices } from '../../../src/engine/macrotask';

/** `count` steps that keep the thread for some milliseconds each. */
function* busy(count: number): Generator<undefined, number, undefined> {
  for (let i = 0; i < count; i++) {
    for (const began = performance.now(); performance.now() - began < 6;);
    yield undefined;
  }
  return count;
}

test('an abort ends it at the next pause', async () => {
  const controller = new AbortController();
  const result = inSlices(busy(1000), controller.signal);
  controller.abort();
  await expect(result).rejects.toMatchObject({ name: 'AbortError' });
});
