/**
 * A file as it is stored: in parts `<path>.parts/000000`, `000001`, …, since the host's file system cannot append
 * and must not be handed gigabytes in one write. A part that was cut short by a cancelled download is a part like
 * any other; the file is their concatenation.
 */
import { storageFailure } from './hubErrors';
import type { HubStorage } from './storage';

/** Parts are at most so long, unless the options say otherwise. */
const PART_BYTES = 8 * 1024 * 1024;

export async function listParts(storage: HubStorage, path: string): Promise<readonly string[]> {
  const names = (await storage.list(`${path}.parts`)).filter((name) => /^\d{6}$/u.test(name)).sort();
  // A gap means that what follows belongs to nothing.
  const whole = names.findIndex((name, index) => Number(name) !== index);
  return (whole < 0 ? names : names.slice(0, whole)).map((name) => `${path}.parts/${name}`);
}

export async function deleteParts(storage: HubStorage, path: string): Promise<void> {
  await storage.delete(`${path}.parts`);
}

/** Collects bytes and writes a part whenever there are enough. */
export class PartWriter {
  private readonly buffer: Uint8Array;
  private filled = 0;

  /** @param count parts that are there already */
  constructor(
    private readonly storage: HubStorage,
    private readonly path: string,
    private count: number,
    partBytes = PART_BYTES,
  ) {
    this.buffer = new Uint8Array(partBytes);
  }

  /** @throws ExplainError DISK_FULL, INTERNAL */
  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      const taken = Math.min(bytes.length - at, this.buffer.length - this.filled);
      this.buffer.set(bytes.subarray(at, at + taken), this.filled);
      this.filled += taken;
      at += taken;
      if (this.filled === this.buffer.length) await this.flush();
    }
  }

  /** Writes what is left. @throws ExplainError DISK_FULL, INTERNAL */
  async flush(): Promise<void> {
    if (this.filled === 0) return;
    const part = this.buffer.slice(0, this.filled);
    this.filled = 0;
    try {
      await this.storage.writeFile(`${this.path}.parts/${String(this.count).padStart(6, '0')}`, part);
    } catch (error) {
      throw storageFailure(error);
    }
    this.count++;
  }
}
