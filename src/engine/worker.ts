/** The engine worker's entry: the service on this worker's own channel. */
import type { EngineApi, EngineEvents } from '../protocol/engine';
import { ENGINE_CHECKS } from '../protocol/checks';
import { serve, type Channel } from '../protocol/rpc';
import { movedMemory } from './movedMemory';
import { createService } from './service';

const channel: Channel = {
  post: (message, transfer = []) => self.postMessage(message, { transfer: [...transfer] }),
  listen(listener) {
    const onMessage = (event: MessageEvent<unknown>): void => listener(event.data);
    self.addEventListener('message', onMessage);
    return () => self.removeEventListener('message', onMessage);
  },
};

const server = serve<EngineApi, EngineEvents>(
  channel,
  createService((event, value) => server.emit(event, value)),
  ENGINE_CHECKS,
  movedMemory,
);

const alive = (lock: string | null): void => server.emit('alive', { lock });

// A lock is held for as long as this worker lives, however it ends: the other side waits for it (client.ts).
if ('locks' in navigator) {
  const lock = `explain-attention-engine-${crypto.randomUUID()}`;
  navigator.locks
    .request(lock, () => {
      alive(lock);
      return new Promise<never>(() => undefined);
    })
    .catch(() => alive(null)); // An origin without locks: then only the worker's own errors and its silence tell.
} else alive(null);
