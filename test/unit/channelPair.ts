import type { Channel } from '../../src/protocol/rpc';

/** Two ends of a real MessageChannel: messages are cloned, as they are between threads. */
export function channelPair(): { near: Channel; far: Channel; close: () => void } {
  const { port1, port2 } = new MessageChannel();
  const end = (port: MessagePort): Channel => ({
    post: (message, transfer = []) => port.postMessage(message, [...transfer]),
    listen: (listener) => {
      port.onmessage = (event) => listener(event.data);
      return () => (port.onmessage = null);
    },
  });
  return { near: end(port1), far: end(port2), close: () => port1.close() };
}
