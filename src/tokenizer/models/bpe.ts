/** Byte-pair encoding (Sennrich et al. 2016), as the Rust crate `tokenizers` does it. */
import {
  type Fields,
  flag,
  invalidTokenizer,
  list,
  LONGEST_PIECE,
  optionalString,
  unsupported,
} from '../tokenizerJson';
import { MinHeap } from './minHeap';
import { spend } from '../work';
import { byteFallback, type Segmenter, type Pieces } from './segmenter';
import { PairTable } from './pairTable';
import { say } from '../../text/say';

const MOST_MERGES = 2_000_000;
/** More than any position in a word. Heap keys are `rank · POSITIONS + position`, which a double holds exactly. */
const POSITIONS = 2 ** 31;

/** Up to so many symbols a word is merged without a heap. */
const FEW = 48;
/** Stands for the id of a symbol that was merged into its left neighbour. */
const MERGED = -2;

interface Merges {
  /** The rank of a pair of ids. */
  readonly ranks: PairTable;
  /** By rank, the id of the merged symbol. */
  readonly ids: Int32Array;
}

/** @throws ExplainError TOKENIZER_INVALID, TOKENIZER_UNSUPPORTED */
export function bpe(config: Fields, vocabulary: ReadonlyMap<string, number>): Segmenter {
  const prefix = optionalString(config['continuing_subword_prefix'], 'model.continuing_subword_prefix') ?? '';
  const suffix = optionalString(config['end_of_word_suffix'], 'model.end_of_word_suffix') ?? '';
  if (prefix.length + suffix.length > LONGEST_PIECE) throw unsupported(say('tokenizer.uses.longMark'));
  const unknown = optionalString(config['unk_token'], 'model.unk_token');
  const unknownId = unknown === null ? null : (vocabulary.get(unknown) ?? null);
  const fuse = flag(config['fuse_unk'], false);
  const fallback = flag(config['byte_fallback'], false);
  const ignoreMerges = flag(config['ignore_merges'], false);
  const merges = readMerges(config['merges'], vocabulary, prefix.length);

  function segment(word: string): Pieces {
    if (ignoreMerges) {
      const whole = vocabulary.get(word);
      if (whole !== undefined) return [whole, 0, word.length, 0];
    }
    const symbols = split(word);
    // Short words are looked through at each merge, long ones kept in a heap.
    spend(symbols.ids.length * (symbols.ids.length <= FEW ? symbols.ids.length / 4 : 16));
    return symbols.ids.length > 1 ? merge(symbols) : collect(symbols, null);
  }

  /** One symbol a character; bytes or the unknown token where the vocabulary lacks it. */
  function split(word: string): Symbols {
    const symbols: Symbols = { ids: [], froms: [], tos: [], unknown: [] };
    for (let i = 0; i < word.length;) {
      const end = i + ((word.codePointAt(i) ?? 0) > 0xffff ? 2 : 1);
      const character = word.slice(i, end);
      const id = vocabulary.get((i > 0 ? prefix : '') + character + (end === word.length ? suffix : ''));
      const bytes = id === undefined && fallback ? byteFallback(character, vocabulary) : null;
      if (id !== undefined) add(symbols, id, i, end, false);
      else if (bytes !== null) for (const byte of bytes) add(symbols, byte, i, end, false);
      else if (unknownId !== null) {
        const last = symbols.ids.length - 1;
        if (fuse && symbols.unknown[last] === true) symbols.tos[last] = end;
        else add(symbols, unknownId, i, end, true);
      }
      i = end;
    }
    return symbols;
  }

  /** Merges the pair of lowest rank, leftmost first, until none is left. */
  function merge(symbols: Symbols): Pieces {
    return symbols.ids.length <= FEW ? mergeFew(symbols) : mergeMany(symbols);
  }

  /** Looks through all pairs each time: quadratic, and fastest for words. */
  function mergeFew(symbols: Symbols): Pieces {
    const { ids, froms, tos, unknown } = symbols;
    for (;;) {
      let best = -1;
      let at = -1;
      for (let i = 0; i + 1 < ids.length; i++) {
        const rank = merges.ranks.get(ids[i] ?? 0, ids[i + 1] ?? 0);
        if (rank >= 0 && (best < 0 || rank < best)) {
          best = rank;
          at = i;
        }
      }
      if (at < 0) return collect(symbols, null);
      ids[at] = merges.ids[best] ?? 0;
      tos[at] = tos[at + 1] ?? 0;
      unknown[at] = false;
      for (const column of [ids, froms, tos, unknown]) column.splice(at + 1, 1);
    }
  }

  /** Keeps the pairs in a heap: n log n, for texts that no pre-tokenizer cuts. */
  function mergeMany(symbols: Symbols): Pieces {
    const { tos } = symbols;
    const ids = Int32Array.from(symbols.ids);
    const next = new Int32Array(ids.length);
    const previous = new Int32Array(ids.length);
    for (let i = 0; i < ids.length; i++) {
      next[i] = i + 1 < ids.length ? i + 1 : -1;
      previous[i] = i - 1;
    }
    const heap = new MinHeap(ids.length);
    const at = (left: number, right: number): number =>
      left < 0 || right < 0 ? -1 : merges.ranks.get(ids[left] ?? 0, ids[right] ?? 0);
    const offer = (left: number, right: number): void => {
      const rank = at(left, right);
      if (rank >= 0) heap.push(rank * POSITIONS + left);
    };
    for (let i = 0; i + 1 < ids.length; i++) offer(i, i + 1);
    for (let entry = heap.pop(); entry !== undefined; entry = heap.pop()) {
      const left = entry % POSITIONS;
      const right = next[left] ?? -1;
      const rank = Math.floor(entry / POSITIONS);
      // The pair may have changed since it was offered.
      if (ids[left] === MERGED || at(left, right) !== rank) continue;
      ids[left] = merges.ids[rank] ?? 0;
      tos[left] = tos[right] ?? 0;
      ids[right] = MERGED;
      symbols.unknown[left] = false;
      const after = next[right] ?? -1;
      next[left] = after;
      if (after >= 0) previous[after] = left;
      offer(previous[left] ?? -1, left);
      offer(left, after);
    }
    return collect({ ...symbols, ids }, next);
  }

  return {
    vocabulary,
    unknownId,
    segment,
  };
}

interface Symbols {
  readonly ids: number[];
  readonly froms: number[];
  readonly tos: number[];
  readonly unknown: boolean[];
}

function add(symbols: Symbols, id: number, from: number, to: number, unknown: boolean): void {
  symbols.ids.push(id);
  symbols.froms.push(from);
  symbols.tos.push(to);
  symbols.unknown.push(unknown);
}

function collect(symbols: Omit<Symbols, 'ids'> & { readonly ids: ArrayLike<number> }, next: Int32Array | null): Pieces {
  const pieces: number[] = [];
  const { length } = symbols.ids;
  for (let i = 0; i >= 0 && i < length; i = next === null ? i + 1 : (next[i] ?? -1)) {
    pieces.push(symbols.ids[i] ?? 0, symbols.froms[i] ?? 0, symbols.tos[i] ?? 0, symbols.unknown[i] === true ? 1 : 0);
  }
  return pieces;
}

/** Merges are `"a b"` in old files and `["a", "b"]` in new ones. */
function readMerges(value: unknown, vocabulary: ReadonlyMap<string, number>, prefixLength: number): Merges {
  const entries = list(value, 'model.merges');
  if (entries.length > MOST_MERGES) throw unsupported(say('tokenizer.uses.manyMerges'));
  const ranks = new PairTable(entries.length);
  const ids = new Int32Array(entries.length);
  entries.forEach((entry, rank) => {
    if (typeof entry === 'string' && entry.length > 2 * LONGEST_PIECE + 1)
      throw invalidTokenizer(`model.merges[${rank}]`);
    const pair: unknown = typeof entry === 'string' ? entry.split(' ') : entry;
    if (!Array.isArray(pair) || pair.length !== 2 || typeof pair[0] !== 'string' || typeof pair[1] !== 'string')
      throw invalidTokenizer(`model.merges[${rank}]`);
    const left = vocabulary.get(pair[0]);
    const right = vocabulary.get(pair[1]);
    const id = vocabulary.get(pair[0] + pair[1].slice(prefixLength));
    if (left === undefined || right === undefined || id === undefined)
      throw invalidTokenizer(`model.merges[${rank}] is not in the vocabulary`);
    ranks.set(left, right, rank);
    ids[rank] = id;
  });
  return { ranks, ids };
}
