/**
 * Lets waiting messages in. A run on WASM keeps the worker's only thread, so that an abort is heard between two steps
 * and nowhere else; a timer would wait 4 ms, a message does not.
 */
const channel = new MessageChannel();
const waiting: (() => void)[] = [];
channel.port1.onmessage = () => waiting.shift()?.();

export function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    channel.port2.postMessage(null);
  });
}
