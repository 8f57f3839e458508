// @ts-check
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/**
 * Does `work` while no other process does anything under the same lock. A lock whose owner has died is taken over.
 * @template T
 * @param {string} folder the lock: a folder, made by who holds it
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(folder, work) {
  await mkdir(dirname(folder), { recursive: true });
  const owner = join(folder, 'pid');
  for (let said = false; ;) {
    try {
      await mkdir(folder);
      await writeFile(owner, String(process.pid));
      break;
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
      // Between mkdir and the write the file is not there yet: look once more before calling it dead.
      const read = () => readFile(owner, 'utf8').then(Number, () => 0);
      const pid = (await read()) || (await sleep(500), await read());
      if (pid === 0 || !isAlive(pid)) {
        await rm(folder, { recursive: true, force: true });
        continue;
      }
      if (!said) console.log(`Waiting for another install (process ${pid}) to finish…`);
      said = true;
      await sleep(500);
    }
  }
  try {
    return await work();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
