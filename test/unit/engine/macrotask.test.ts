import { expect, test } from 'vitest';
import { inSlices } from '../../../src/engine/macrotask';

/** `count` steps that keep the thread for some milliseconds each. */
function* busy(count: number): Generator<undefined, number, undefined> {
  for (let i = 0; i < count; i++) {
    for (const began = performance.now(); performance.now() - began < 6; );
    yield undefined;
  }
  return count;
}

test('messages are heard in the middle of a long computation', async () => {
  const heard: string[] = [];
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => heard.push('message');
  const done = inSlices(busy(20)).then((result) => heard.push(`result ${result}`));
  port2.postMessage(null);
  await done;
  port1.close();
  expect(heard).toEqual(['message', 'result 20']);
});

test('an abort ends it at the next pause', async () => {
  const controller = new AbortController();
  const result = inSlices(busy(1000), controller.signal);
  controller.abort();
  await expect(result).rejects.toMatchObject({ name: 'AbortError' });
});
