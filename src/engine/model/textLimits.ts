/** How long a text may be for a model: what its positions and memory for attention allow. */
import type { KindInfo } from '../../attention/types';
import { say } from '../../text/say';
import type { Decoder } from '../../transformer/decoder';
import { PART, type Kept } from '../../transformer/readInParts';
import type { ModelSpec } from '../../transformer/spec';

/** Most memory for weights that are kept. */
const MOST_WEIGHT_BYTES = 700e6;
/** Most memory, and most tokens, where queries and keys are kept in place of weights. Reading more tokens would take many minutes. */
const MOST_KEPT_BYTES = 400e6;
const MOST_KEPT_TOKENS = 4096 + 256;
/** Most tokens of a text, and most new ones, where neither the config nor the tokenizer says. */
const DEFAULT_TOKENS = 1024;
const DEFAULT_NEW_TOKENS = 256;

/** How a text of some length is read. */
export interface TextReading {
  readonly keep: Kept;
  /** Most tokens of the target, what is written after the prompt counted in. */
  readonly room: number;
}

/** The limits of one model; some change once its decoder's trial has shown how its weights are made. */
export class TextLimits {
  readonly #spec: ModelSpec;
  readonly #decoder: Pick<Decoder, 'scales'> | undefined;
  /** Most tokens whose weights can be kept. */
  readonly #whole: number;
  /** Most tokens that are read at all. */
  readonly maxTokens: number;
  /** Most tokens that one run generates. */
  readonly maxNewTokens: number;
  readonly notes: readonly string[];

  /** @param stated the bound that the tokenizer knows; Infinity for none */
  constructor(
    spec: ModelSpec,
    stated: number,
    kinds: readonly KindInfo[],
    decoder: Pick<Decoder, 'scales' | 'takesParts'> | undefined,
  ) {
    this.#spec = spec;
    this.#decoder = decoder;
    const known = Math.min(spec.positions > 0 ? spec.positions : Infinity, stated);
    const positions = Number.isFinite(known) ? known : DEFAULT_TOKENS;
    const maps = Math.max(...kinds.map((info) => info.layers * info.heads), 1);
    this.#whole = Math.min(positions, mostWhole(maps, decoder?.takesParts === true));
    const kept = decoder?.scales ? Math.min(positions, mostKept(maps, spec.headDimension)) : 0;
    this.maxTokens = Math.max(this.#whole, kept);
    this.maxNewTokens = newTokens(spec, this.maxTokens);
    const gaps = { held: this.maxTokens, known, maps };
    if (this.maxTokens >= positions || !Number.isFinite(known)) this.notes = [];
    else if (kept < this.maxTokens)
      this.notes = [say('engine.noteCut', { ...gaps, megabytes: MOST_WEIGHT_BYTES / 1e6 })];
    else this.notes = [say('engine.noteCutLong', { ...gaps, megabytes: MOST_KEPT_BYTES / 1e6 })];
  }

  /** Most tokens of the source, or of a decoder-only model's prompt, specials counted in. */
  get prompt(): number {
    return this.#promptWithin(this.target);
  }

  /** Most tokens of the target; fewer once it has turned out that weights have to be kept. */
  get target(): number {
    return this.#decoder?.scales ? this.maxTokens : this.#whole;
  }

  /** How a target that begins with so many tokens is read. */
  reading(given: number): TextReading {
    const isLong = given > this.#promptWithin(this.#whole) && this.#decoder?.scales !== undefined;
    return isLong ? { keep: 'queries', room: this.target } : { keep: 'weights', room: this.#whole };
  }

  /** A prompt leaves room to go on: a quarter of what the model takes, or less where it may not generate as much. */
  #promptWithin(tokens: number): number {
    if (this.#spec.family !== 'decoder-only') return tokens;
    return Math.max(1, tokens - Math.min(this.maxNewTokens, Math.floor(tokens / 4)));
  }
}

/**
 * Most tokens whose weights can be kept.
 * @param maps layers · heads
 * @param inParts true where a text is read in parts, so that nearly nothing of what the mask hides is kept
 */
function mostWhole(maps: number, inParts: boolean): number {
  const pairs = MOST_WEIGHT_BYTES / (4 * maps);
  const part = PART.weights / 2;
  // In parts a text of N tokens has N² / 2 + N · PART / 2 pairs, else N².
  return Math.floor(inParts ? Math.sqrt(2 * pairs + part ** 2) - part : Math.sqrt(pairs));
}

/** Most tokens whose queries and keys can be kept in place of their weights; 0 where the size of a head is not known. */
function mostKept(maps: number, size: number): number {
  if (size <= 0) return 0;
  // Queries and keys of each token, entropy and the largest weight of its row, and a part's weights for a moment; and the tiles.
  const each = 8 * size + 12 + 4 * PART.queries;
  const bytes = (tokens: number): number => maps * (tokens * each + tokens ** 2 / 128);
  let tokens = MOST_KEPT_TOKENS;
  while (tokens > 0 && bytes(tokens) > MOST_KEPT_BYTES) tokens -= 64;
  return tokens;
}

function newTokens(spec: ModelSpec, maxTokens: number): number {
  const wanted = spec.maxNewTokens > 0 ? spec.maxNewTokens : DEFAULT_NEW_TOKENS;
  switch (spec.family) {
    case 'encoder-only':
      return 0;
    case 'encoder-decoder':
      return Math.min(wanted, maxTokens - 1);
    case 'decoder-only':
      return Math.min(wanted, Math.max(1, Math.floor(maxTokens / 2)));
  }
}
