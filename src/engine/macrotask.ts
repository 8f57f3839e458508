/**
 * Lets waiting messages in. A run on WASM keeps the worker's only thread busy, so that an abort is heard only between two steps. A
 * timer would wait for 4 ms; a message to oneself comes at once.
 */
const channel = new MessageChannel();
const waiting: (() => void)[] = [];
channel.port1.onmessage = () => waiting.shift()?.();

/** Resolves after the messages that wait now were handled. */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    channel.port2.postMessage(null);
  });
}

/** How long a computation keeps the worker from hearing messages, in milliseconds; a frame of the screen. */
const SLICE_MS = 16;

/** Runs `steps` to their end, letting messages in between. @throws AbortError */
export async function inSlices<T>(steps: Generator<undefined, T, undefined>, signal?: AbortSignal): Promise<T> {
  for (let since = performance.now(); ;) {
    const { done, value } = steps.next();
    if (done === true) return value;
    if (performance.now() - since < SLICE_MS) continue;
    await nextTask();
    signal?.throwIfAborted();
    since = performance.now();
  }
}
