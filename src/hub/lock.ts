/**
 * Only one at a time changes what is stored of a model. Within a window Web Locks see to that; windows share no locks,
 * as each has its extension host under an origin of its own, but they share the storage: there it is a file, which
 * its owner renews as long as it lives.
 */
import { ExplainError } from '../errors';
import { say } from '../text/say';
import type { HubStorage } from './storage';

/** A lock that was not renewed for so long belongs to a window that is gone. */
const STALE_MILLISECONDS = 30_000;
const RENEW_MILLISECONDS = 5_000;
/** After a lock was taken over from a window that is gone, another window may just be doing the same. */
const SETTLE_MILLISECONDS = 200;

const SUFFIX = '.lock';

/** True for what stands in the storage beside the models' folders. */
export function isLockFile(name: string): boolean {
  return name.includes(SUFFIX);
}

interface Owner {
  readonly owner: string;
  /** Milliseconds since 1970 when it was renewed. */
  readonly renewed: number;
}

function busy(id: string): ExplainError {
  return new ExplainError('HUB_BUSY', say('hub.busy', { id }));
}

async function readOwner(storage: HubStorage, path: string): Promise<Owner | null> {
  try {
    const value = JSON.parse(new TextDecoder().decode(await storage.readFile(path))) as Partial<Owner> | null;
    return typeof value?.owner === 'string' && typeof value.renewed === 'number'
      ? { owner: value.owner, renewed: value.renewed }
      : null;
  } catch {
    return null;
  }
}

const bytesOf = (owner: string): Uint8Array =>
  new TextEncoder().encode(JSON.stringify({ owner, renewed: Date.now() } satisfies Owner));

/** Makes the lock file this owner's. @throws ExplainError HUB_BUSY */
async function take(storage: HubStorage, path: string, owner: string, id: string): Promise<void> {
  const other = await readOwner(storage, path);
  if (other && Math.abs(Date.now() - other.renewed) < STALE_MILLISECONDS) throw busy(id);
  // Nobody's, cut off or out of date: its owner is gone.
  await storage.delete(path);
  const own = `${path}-${owner}`;
  await storage.writeFile(own, bytesOf(owner));
  try {
    await storage.rename(own, path);
  } catch {
    await storage.delete(own);
    throw busy(id);
  }
  if (other) await new Promise((resolve) => setTimeout(resolve, SETTLE_MILLISECONDS));
  if ((await readOwner(storage, path))?.owner !== owner) throw busy(id);
}

/**
 * Runs `task` while no other window does anything under the same lock.
 * @throws ExplainError HUB_BUSY where another one does; it is not waited for, as a download can take hours
 */
export async function withLockFile<T>(
  storage: HubStorage,
  folder: string,
  id: string,
  task: (lost: AbortSignal) => Promise<T>,
): Promise<T> {
  const path = `${folder}${SUFFIX}`;
  const owner = crypto.randomUUID();
  await take(storage, path, owner, id);
  const lost = new AbortController();
  const renew = async (): Promise<void> => {
    if ((await readOwner(storage, path))?.owner === owner) await storage.writeFile(path, bytesOf(owner));
    else lost.abort(new ExplainError('HUB_BUSY', say('hub.lockLost', { id })));
  };
  // A renewal that fails is tried again; only another owner ends the task.
  const timer = setInterval(() => void renew().catch(() => undefined), RENEW_MILLISECONDS);
  try {
    return await task(lost.signal);
  } finally {
    clearInterval(timer);
    if ((await readOwner(storage, path))?.owner === owner) await storage.delete(path).catch(() => undefined);
  }
}

/**
 * Runs `task` while nobody else, in this window or another one, changes what is in the model's folder.
 * @param lost is aborted, with the error to throw, where another window has taken the lock over (after a long sleep)
 * @throws ExplainError HUB_BUSY
 */
export async function alone<T>(
  storage: HubStorage,
  folder: string,
  id: string,
  task: (lost: AbortSignal) => Promise<T>,
): Promise<T> {
  const name = `explain-attention ${storage.name} ${folder}`;
  // An origin without locks has the file alone, which does the same more slowly.
  const { locks } = navigator as { readonly locks?: LockManager };
  if (!locks) return withLockFile(storage, folder, id, task);
  return locks.request(name, { ifAvailable: true }, async (lock) => {
    if (lock === null) throw busy(id);
    return withLockFile(storage, folder, id, task);
  });
}
