/** A beam search over a text: the tree as it is told, and which of its texts is on show. */
import { ExplainError } from '../../errors';
import type { BeamReport, BeamToken } from '../../protocol/engine';
import { say } from '../../text/say';
import { MOST_SHARING, type TextTokenizer } from '../../tokenizer/index';
import { BeamRun, type BeamRunOptions } from '../../transformer/decoding/beamRun';
import { nextTask } from '../macrotask';

export class BeamedText {
  readonly #run: BeamRun;
  readonly #options: BeamRunOptions;
  readonly #tokenizer: TextTokenizer;
  /** The tree's tokens as they read, as far as they were told. */
  readonly #tokens: BeamToken[] = [];
  /** The last token of the text on show; -1 while none of the tree is. */
  opened = -1;

  constructor(options: BeamRunOptions, tokenizer: TextTokenizer) {
    this.#options = options;
    this.#run = new BeamRun(options);
    this.#tokenizer = tokenizer;
  }

  get start(): BeamRunOptions['start'] {
    return this.#options.start;
  }

  get choosing(): BeamRunOptions['choosing'] {
    return this.#options.choosing;
  }

  get isDone(): boolean {
    return this.#run.search.isDone;
  }

  get best(): number {
    return this.#run.search.best;
  }

  /** Searches up to `count` steps further; an abort ends it before the next pass. */
  async search(count: number, signal: AbortSignal, told: (report: BeamReport) => void): Promise<void> {
    for await (const _ of this.#run.run(count, signal)) {
      told(this.report());
      await nextTask();
    }
  }

  /** The tokens of a text, first to last, by their places in the tree. @throws ExplainError INVALID_REQUEST */
  pathTo(token: number): readonly number[] {
    const { search } = this.#run;
    if (!search.nodes[token]) throw new ExplainError('INVALID_REQUEST', say('engine.noSuchBeam'));
    return search.nodesTo(token);
  }

  idOf(token: number): number {
    return this.#run.search.nodes[token]?.token ?? 0;
  }

  report(): BeamReport {
    const { nodes, running, ended, depth, room, isDone } = this.#run.search;
    const { start, choosing } = this.#options;
    while (this.#tokens.length < nodes.length) this.#tokens.push(this.#read(this.#tokens.length));
    return {
      begins: start.target.length - start.given,
      tokens: [...this.#tokens],
      // Before the first step nothing goes on but the text itself.
      running: running.filter((node) => node >= 0),
      ended: ended.map(({ node, score }) => ({ token: node, score })),
      opened: this.opened,
      depth,
      room,
      isDone,
      numBeams: choosing.numBeams,
      lengthPenalty: choosing.lengthPenalty,
    };
  }

  dispose(): void {
    this.#run.dispose();
  }

  #read(at: number): BeamToken {
    const { nodes } = this.#run.search;
    const { parent = -1, token = 0, logProbability = 0, sum = 0 } = nodes[at] ?? {};
    const before: number[] = [];
    for (let one = nodes[parent]; one && before.length < MOST_SHARING; one = nodes[one.parent]) before.push(one.token);
    const { target } = this.start;
    const missing = MOST_SHARING - before.length;
    const text = [...(missing > 0 ? target.slice(-missing) : []), ...before.reverse()];
    return { parent, id: token, logProbability, sum, ...this.#tokenizer.after(text, token) };
  }
}
