/**
 * Beam search as `transformers` does it (generation/utils.py, `_beam_search`): which of the texts that are kept go on, and which have
 * ended. Pure: it is told what a model says of each kept text, and does not know how that came about. Beams are not made up: where
 * fewer continuations are possible than there are beams, fewer go on.
 */

/** By their names in generation_config.json. */
export interface BeamSettings {
  /** How many texts are kept at each step. */
  readonly numBeams: number;
  /** An ended text's score is its log probability divided by its length to this power: over 0 longer texts gain, under 0 shorter ones. */
  readonly lengthPenalty: number;
  /**
   * When the search ends: `true` once there are as many ended texts as beams; `false` where a text that still goes on would have to be
   * shorter to do better; `never` only where none can do better, however long it becomes.
   */
  readonly earlyStopping: boolean | 'never';
}

/** A token of the tree of texts. */
export interface BeamNode {
  /** The token before it, by its place in the tree; -1 where the search began. */
  readonly parent: number;
  readonly token: number;
  /** Of the token after the rules, in nats. */
  readonly logProbability: number;
  /** The sum of those from the search's beginning to here. */
  readonly sum: number;
}

/** A text that has ended. */
export interface EndedBeam {
  /** Its last token. */
  readonly node: number;
  /** Its log probability after the length penalty. */
  readonly score: number;
}

/** What a text that ended too badly to be kept counts as; the reference's number. */
const WORST = -1e9;

export class BeamSearch {
  readonly #settings: BeamSettings;
  readonly #room: number;
  readonly #ends: readonly number[];
  readonly #nodes: BeamNode[] = [];
  #running: readonly number[] = [-1];
  #ended: readonly EndedBeam[] = [];
  #depth = 0;
  #mayImprove = true;

  /**
   * @param room how many tokens may be added at most
   * @param ends tokens that end a text
   */
  constructor(settings: BeamSettings, room: number, ends: readonly number[]) {
    this.#settings = settings;
    this.#room = room;
    this.#ends = ends;
  }

  /** The tree, each token after the one that it follows. */
  get nodes(): readonly BeamNode[] {
    return this.#nodes;
  }

  /** The last tokens of the texts that go on, best first; -1 alone before the first step. */
  get running(): readonly number[] {
    return this.#running;
  }

  /** The texts that have ended, best first, as many as there are beams at most. */
  get ended(): readonly EndedBeam[] {
    return this.#ended;
  }

  /** Tokens of the longest texts. */
  get depth(): number {
    return this.#depth;
  }

  /** Tokens that a text can have at most. */
  get room(): number {
    return this.#room;
  }

  get isDone(): boolean {
    const { earlyStopping } = this.#settings;
    return this.#running.length === 0 || !this.#mayImprove || (earlyStopping === true && this.#isFull);
  }

  /** The last token of the best text: of those that have ended, or where none has, of those that go on; -1 for the empty one. */
  get best(): number {
    return this.#ended[0]?.node ?? this.#running[0] ?? -1;
  }

  /** The nodes from the search's beginning to one of them, by their places in the tree. */
  nodesTo(node: number): readonly number[] {
    const places: number[] = [];
    for (let at = node; this.#nodes[at]; at = this.#nodes[at]?.parent ?? -1) places.push(at);
    return places.reverse();
  }

  /** The tokens from the search's beginning to a node. */
  path(node: number): readonly number[] {
    return this.nodesTo(node).map((place) => this.#nodes[place]?.token ?? 0);
  }

  /**
   * One step: each text that goes on gets a further token.
   * @param logProbabilities for each of `running` [vocabulary] after the rules; −∞ is a token that is ruled out
   */
  advance(logProbabilities: readonly Float32Array[]): void {
    const { numBeams, lengthPenalty } = this.#settings;
    const candidates = this.#candidates(logProbabilities);
    this.#depth++;
    const isLast = this.#depth >= this.#room;
    const running: number[] = [];
    const ended: EndedBeam[] = [];
    for (const [place, node] of candidates.entries()) {
      const ends = isLast || this.#ends.includes(node.token);
      if (!ends && running.length < numBeams) running.push(this.#nodes.push(node) - 1);
      // Only one of the best ends a text: the others are there so that enough texts go on.
      if (ends && place < numBeams)
        ended.push({ node: this.#nodes.push(node) - 1, score: node.sum / this.#depth ** lengthPenalty });
    }
    this.#running = running;
    this.#ended = [...this.#ended, ...ended].sort((one, other) => other.score - one.score).slice(0, numBeams);
    this.#mayImprove &&= this.#possible() > (this.#isFull ? (this.#ended.at(-1)?.score ?? WORST) : WORST);
  }

  get #isFull(): boolean {
    return this.#ended.length >= this.#settings.numBeams;
  }

  /** What the best text that goes on is taken to come to at most. */
  #possible(): number {
    const { earlyStopping, lengthPenalty } = this.#settings;
    const [first] = this.#running;
    const sum = first === undefined ? -Infinity : (this.#nodes[first]?.sum ?? 0);
    const length = earlyStopping === 'never' && lengthPenalty > 0 ? this.#room : this.#depth;
    return sum / length ** lengthPenalty;
  }

  /** The best continuations of all texts that go on, best first: so many that enough go on if all of the best ones end. */
  #candidates(logProbabilities: readonly Float32Array[]): readonly BeamNode[] {
    const most = Math.max(2, 1 + this.#ends.length) * this.#settings.numBeams;
    const best: BeamNode[] = [];
    // What a further one must be better than: nothing that is ruled out is one.
    let least = -Infinity;
    for (const [at, own] of logProbabilities.entries()) {
      const parent = this.#running[at] ?? -1;
      const before = this.#nodes[parent]?.sum ?? 0;
      for (let token = 0; token < own.length; token++) {
        const logProbability = own[token] as number; // token < length
        // As the reference, which adds up in float32.
        const sum = Math.fround(before + logProbability);
        if (!(sum > least)) continue;
        let place = best.length;
        while (place > 0 && (best[place - 1]?.sum ?? 0) < sum) place--;
        best.splice(place, 0, { parent, token, logProbability, sum });
        if (best.length > most) best.pop();
        if (best.length === most) least = best.at(-1)?.sum ?? least;
      }
    }
    return best;
  }
}
