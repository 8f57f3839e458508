/** A model's files on their way into the worker: the tokenizer and the first graph are of use before the last has come. */
import type { LoadRequest, ModelFiles } from '../../protocol/engine';
import { untilAborted } from '../../protocol/untilAborted';
import { weightBytes } from './modelFiles';

interface Arriving {
  readonly bytes: Promise<Uint8Array>;
  readonly arrive: (bytes: Uint8Array) => void;
  readonly size: number;
}

export class ArrivingFiles {
  readonly #here: Record<string, Uint8Array>;
  readonly #coming = new Map<string, Arriving>();

  constructor({ files, coming = {} }: Pick<LoadRequest, 'files' | 'coming'>) {
    this.#here = { ...files };
    for (const [path, size] of Object.entries(coming)) {
      if (Object.hasOwn(files, path)) continue;
      const { promise, resolve } = Promise.withResolvers<Uint8Array>();
      this.#coming.set(path, { bytes: promise, arrive: resolve, size });
    }
  }

  /** Files that are here, by path: another object with each that comes. */
  get here(): ModelFiles {
    return { ...this.#here };
  }

  /** All paths, of those on their way too. */
  get paths(): readonly string[] {
    return [...Object.keys(this.#here), ...this.#coming.keys()];
  }

  /** Size of the graphs and their external data in bytes, whether they are here or not. */
  get weightBytes(): number {
    return weightBytes(Object.fromEntries(this.paths.map((path) => [path, { length: this.#size(path) }])));
  }

  /** True while some of them are still on their way. */
  get areComing(): boolean {
    return this.#coming.size > 0;
  }

  /** Takes a file that was to come; any other is left alone. */
  arrive(path: string, bytes: Uint8Array): void {
    const coming = this.#coming.get(path);
    if (!coming) return;
    this.#coming.delete(path);
    this.#here[path] = bytes;
    coming.arrive(bytes);
  }

  /** Waits for these files. @throws AbortError */
  async have(paths: readonly string[], signal: AbortSignal): Promise<void> {
    const coming = paths.flatMap((path) => this.#coming.get(path)?.bytes ?? []);
    await untilAborted(Promise.all(coming), signal);
  }

  #size(path: string): number {
    return this.#here[path]?.length ?? this.#coming.get(path)?.size ?? 0;
  }
}
