/** A storage on a real folder, with a quota. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { HubStorage } from '../../../src/hub';

export class FolderStorage implements HubStorage {
  quota = Infinity;
  /** How often the storage was asked for anything. */
  calls = 0;
  private used = 0;

  constructor(readonly root: string) {}

  get name(): string {
    return this.root;
  }

  writeFile(path: string, bytes: Uint8Array): Promise<void> {
    this.calls++;
    this.used += bytes.length;
    if (this.used > this.quota)
      return Promise.reject(Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' }));
    mkdirSync(dirname(this.at(path)), { recursive: true });
    writeFileSync(this.at(path), bytes);
    return Promise.resolve();
  }

  readFile(path: string): Promise<Uint8Array> {
    this.calls++;
    return new Promise((resolve) => {
      resolve(new Uint8Array(readFileSync(this.at(path))));
    });
  }

  rename(from: string, to: string): Promise<void> {
    this.calls++;
    if (existsSync(this.at(to))) return Promise.reject(new Error('EEXIST'));
    renameSync(this.at(from), this.at(to));
    return Promise.resolve();
  }

  size(path: string): Promise<number | null> {
    this.calls++;
    return Promise.resolve(statSync(this.at(path), { throwIfNoEntry: false })?.size ?? null);
  }

  list(folder: string): Promise<readonly string[]> {
    this.calls++;
    try {
      return Promise.resolve(readdirSync(this.at(folder)));
    } catch {
      return Promise.resolve([]);
    }
  }

  delete(path: string): Promise<void> {
    this.calls++;
    rmSync(this.at(path), { recursive: true, force: true });
    return Promise.resolve();
  }

  private at(path: string): string {
    return join(this.root, path);
  }
}
