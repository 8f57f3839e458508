/** What a start has found out, for the next one: nothing of it is needed, and what is not as expected is found out anew. */
import type * as vscode from 'vscode';
import type { RuntimeBuild } from '../../protocol/engine';
import type { PassedTrial } from '../../protocol/passedTrial';

const BUILD = 'explainAttention.runtimeBuild';
const TRIAL = 'explainAttention.passedTrial';
const BUILDS: readonly unknown[] = ['cpu', 'jspi', 'asyncify'] satisfies readonly RuntimeBuild[];

export class StartMemory {
  readonly #storage: vscode.Memento;

  constructor(storage: vscode.Memento) {
    this.#storage = storage;
  }

  /** The build of the runtime that was needed last. */
  get build(): RuntimeBuild | undefined {
    const kept = this.#storage.get<unknown>(BUILD);
    return BUILDS.includes(kept) ? (kept as RuntimeBuild) : undefined;
  }

  /** The bundled model's passed self-test, unread: the engine decides what it is worth. */
  get trial(): unknown {
    return this.#storage.get<unknown>(TRIAL);
  }

  keepBuild(build: RuntimeBuild): void {
    if (build !== this.build) this.#keep(BUILD, build);
  }

  keepTrial(passed: PassedTrial): void {
    this.#keep(TRIAL, passed);
  }

  /** What cannot be stored is found out anew the next time. */
  #keep(key: string, value: unknown): void {
    this.#storage.update(key, value).then(undefined, () => undefined);
  }
}
