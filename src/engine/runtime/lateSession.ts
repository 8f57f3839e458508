/** A session that is made when it is first run: what needs it is not kept waiting, and neither is what does not need it. */
import { ExplainError } from '../../errors';
import { say } from '../../text/say';
import type {
  ElementArray,
  ElementType,
  Tensor,
  TensorSession,
  TensorSignature,
} from '../../transformer/tensorSession';
import { ortTensor, type SessionOptions } from './ortSession';

/** What is known of a session before it is made. */
export interface KnownSession extends Pick<SessionOptions, 'path' | 'provider'> {
  readonly inputs: readonly TensorSignature[];
  readonly outputNames: readonly string[];
}

export class LateSession implements TensorSession {
  readonly #known: KnownSession;
  /** None once it is made: it holds the file's bytes. */
  #make: (() => Promise<TensorSession>) | undefined;
  #made: Promise<TensorSession> | undefined;

  /** @param make makes it, once; again where that failed. @throws in `run` what it throws */
  constructor(known: KnownSession, make: () => Promise<TensorSession>) {
    this.#known = known;
    this.#make = make;
  }

  get inputs(): readonly TensorSignature[] {
    return this.#known.inputs;
  }

  get outputNames(): readonly string[] {
    return this.#known.outputNames;
  }

  tensor(type: ElementType, data: ElementArray, dims: readonly number[]): Tensor {
    return ortTensor(type, data, dims, this.#known);
  }

  async run(
    feeds: Readonly<Record<string, Tensor>>,
    fetches?: readonly string[],
  ): Promise<Readonly<Record<string, Tensor>>> {
    const session = await (this.#made ??= this.#begin());
    return session.run(feeds, fetches);
  }

  async dispose(): Promise<void> {
    this.#make = undefined;
    const made = await this.#made?.catch(() => undefined);
    await made?.dispose();
  }

  async #begin(): Promise<TensorSession> {
    if (!this.#make) throw new ExplainError('EXPLANATION_GONE', say('engine.explanationGone'));
    try {
      const made = await this.#make();
      this.#make = undefined;
      return made;
    } catch (thrown) {
      // Memory may have been short: it is tried once more the next time.
      this.#made = undefined;
      throw thrown;
    }
  }
}
