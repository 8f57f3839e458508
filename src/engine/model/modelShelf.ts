/** The loaded models: several while they fit, the least recently used goes first. */
import type { LoadedModel } from './loadedModel';

/** Weights of all loaded models together, in bytes: a quarter of what WebAssembly can address, as runs need room as well. */
const MOST_BYTES = 1e9;

export class ModelShelf {
  /** The least recently used first. */
  #models: LoadedModel[] = [];
  readonly #most: number;

  constructor(most = MOST_BYTES) {
    this.#most = most;
  }

  get size(): number {
    return this.#models.length;
  }

  /** The model that was loaded or taken last. */
  get current(): LoadedModel | undefined {
    return this.#models.at(-1);
  }

  /** Makes a loaded model the current one; undefined where it is not there, or not in this version. */
  take(modelId: string, version: string): LoadedModel | undefined {
    const found = this.#models.find((model) => model.report.modelId === modelId && model.version === version);
    if (found) this.#models = [...this.#models.filter((model) => model !== found), found];
    return found;
  }

  /** Unloads other versions of a model, and then the least recently used models until `bytes` more fit. */
  async makeRoom(modelId: string, bytes: number): Promise<void> {
    for (const model of this.#models.filter(({ report }) => report.modelId === modelId)) await this.#drop(model);
    await this.#dropProbes(bytes);
    for (let oldest = this.#models[0]; oldest && this.#bytes() + bytes > this.#most; oldest = this.#models[0])
      await this.#drop(oldest);
  }

  /**
   * Makes room for further sessions of a model that is here: other sessions with probes go first, then models that were used less
   * recently; never the model itself nor the current one, in which something may run.
   */
  async makeRoomBeside(model: LoadedModel, bytes: number): Promise<void> {
    await this.#dropProbes(bytes);
    for (const other of [...this.#models]) {
      if (this.#bytes() + bytes <= this.#most) return;
      if (other !== model && other !== this.current) await this.#drop(other);
    }
  }

  /** Lets sessions with probes go, those of the models used least recently first, until `bytes` fit or none are left. */
  async #dropProbes(bytes: number): Promise<void> {
    for (const model of this.#models) while (this.#bytes() + bytes > this.#most && (await model.probes.dropOldest()));
  }

  add(model: LoadedModel): void {
    this.#models.push(model);
  }

  async clear(): Promise<void> {
    for (const model of [...this.#models]) await this.#drop(model);
  }

  #bytes(): number {
    return this.#models.reduce((sum, model) => sum + model.bytes, 0);
  }

  async #drop(model: LoadedModel): Promise<void> {
    this.#models = this.#models.filter((other) => other !== model);
    await model.dispose();
  }
}
