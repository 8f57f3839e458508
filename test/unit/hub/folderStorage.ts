/** A storage on a real folder, with a quota. */
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { HubStorage } from '../../../src/hub';

export class FolderStorage implements HubStorage {
  quota = Infinity;
  private used = 0;

  constructor(readonly root: string) {}

  writeFile(path: string, bytes: Uint8Array): Promise<void> {
    this.used += bytes.length;
    if (this.used > this.quota)
      return Promise.reject(Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' }));
    mkdirSync(dirname(this.at(path)), { recursive: true });
    writeFileSync(this.at(path), bytes);
    return Promise.resolve();
  }

  readFile(path: string): Promise<Uint8Array> {
    return new Promise((resolve) => {
      resolve(new Uint8Array(readFileSync(this.at(path))));
    });
  }

  size(path: string): Promise<number | null> {
    return Promise.resolve(statSync(this.at(path), { throwIfNoEntry: false })?.size ?? null);
  }

  list(folder: string): Promise<readonly string[]> {
    try {
      return Promise.resolve(readdirSync(this.at(folder)));
    } catch {
      return Promise.resolve([]);
    }
  }

  delete(path: string): Promise<void> {
    rmSync(this.at(path), { recursive: true, force: true });
    return Promise.resolve();
  }

  private at(path: string): string {
    return join(this.root, path);
  }
}
