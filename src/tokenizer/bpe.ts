/** Byte-pair encoding (Sennrich et al. 2016), as the Rust crate `tokenizers` does it. */
import { type Fields, flag, invalid, list, optionalString, unsupported } from './json';
import { MinHeap } from './min-heap';
import { byId, byteFallback, isByteToken, type Model, type Pieces } from './model';

const MOST_MERGES = 2_000_000;
/** Word positions fit below this; a rank times it stays exact in a double. */
const POSITIONS = 2 ** 31;

interface Merge {
  readonly rank: number;
  readonly id: number;
}

/** @throws ExplainError TOKENIZER_INVALID, TOKENIZER_UNSUPPORTED */
export function bpe(config: Fields, vocabulary: ReadonlyMap<string, number>): Model {
  const prefix = optionalString(config['continuing_subword_prefix'], 'model.continuing_subword_prefix') ?? '';
  const suffix = optionalString(config['end_of_word_suffix'], 'model.end_of_word_suffix') ?? '';
  const unknown = optionalString(config['unk_token'], 'model.unk_token');
  const unknownId = unknown === null ? null : (vocabulary.get(unknown) ?? null);
  const fuse = flag(config['fuse_unk'], false);
  const fallback = flag(config['byte_fallback'], false);
  const ignoreMerges = flag(config['ignore_merges'], false);
  const merges = readMerges(config['merges'], vocabulary, prefix.length);
  const pieces = byId(vocabulary);

  function segment(word: string): Pieces {
    if (ignoreMerges) {
      const whole = vocabulary.get(word);
      if (whole !== undefined) return [whole, 0, word.length, 0];
    }
    const symbols = split(word);
    return symbols.ids.length > 1 ? merge(symbols) : collect(symbols, null);
  }

  /** One symbol a character; bytes or the unknown token where the vocabulary lacks it. */
  function split(word: string): Symbols {
    const symbols: Symbols = { ids: [], froms: [], tos: [], unknown: [] };
    for (let i = 0; i < word.length; ) {
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
    const { ids, tos } = symbols;
    const next = Int32Array.from(ids, (_, i) => (i + 1 < ids.length ? i + 1 : -1));
    const previous = Int32Array.from(ids, (_, i) => i - 1);
    const heap = new MinHeap(ids.length);
    const at = (left: number, right: number): Merge | undefined =>
      left < 0 || right < 0 ? undefined : merges.get(pairKey(ids[left] ?? -1, ids[right] ?? -1));
    const offer = (left: number, right: number): void => {
      const merge = at(left, right);
      if (merge !== undefined) heap.push(merge.rank * POSITIONS + left);
    };
    for (let i = 0; i + 1 < ids.length; i++) offer(i, i + 1);
    for (let entry = heap.pop(); entry !== undefined; entry = heap.pop()) {
      const left = entry % POSITIONS;
      const right = next[left] ?? -1;
      const merge = at(left, right);
      // The pair may have changed since it was offered.
      if (merge === undefined || merge.rank !== Math.floor(entry / POSITIONS)) continue;
      ids[left] = merge.id;
      tos[left] = tos[right] ?? 0;
      ids[right] = -1;
      symbols.unknown[left] = false;
      const after = next[right] ?? -1;
      next[left] = after;
      if (after >= 0) previous[after] = left;
      offer(previous[left] ?? -1, left);
      offer(left, after);
    }
    return collect(symbols, next);
  }

  return {
    vocabulary,
    unknownId,
    segment,
    standsFor: (id, part) => {
      const piece = pieces[id] ?? '';
      return [part, prefix + part, part + suffix, prefix + part + suffix].includes(piece) || (fallback && isByteToken(piece));
    },
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

function collect(symbols: Symbols, next: Int32Array | null): Pieces {
  const pieces: number[] = [];
  for (let i = symbols.ids.length > 0 ? 0 : -1; i >= 0; i = next === null ? -1 : (next[i] ?? -1)) {
    pieces.push(symbols.ids[i] ?? 0, symbols.froms[i] ?? 0, symbols.tos[i] ?? 0, symbols.unknown[i] === true ? 1 : 0);
  }
  return pieces;
}

function pairKey(left: number, right: number): number {
  return left * 0x1000000 + right;
}

/** Merges are `"a b"` in old files and `["a", "b"]` in new ones. */
function readMerges(value: unknown, vocabulary: ReadonlyMap<string, number>, prefixLength: number): ReadonlyMap<number, Merge> {
  const entries = list(value, 'model.merges');
  if (entries.length > MOST_MERGES) throw unsupported('more than 2 million merges');
  const merges = new Map<number, Merge>();
  entries.forEach((entry, rank) => {
    const pair: unknown = typeof entry === 'string' ? entry.split(' ') : entry;
    if (!Array.isArray(pair) || pair.length !== 2 || typeof pair[0] !== 'string' || typeof pair[1] !== 'string') throw invalid(`model.merges[${rank}]`);
    const left = vocabulary.get(pair[0]);
    const right = vocabulary.get(pair[1]);
    const id = vocabulary.get(pair[0] + pair[1].slice(prefixLength));
    if (left === undefined || right === undefined || id === undefined) throw invalid(`model.merges[${rank}] is not in the vocabulary`);
    merges.set(pairKey(left, right), { rank, id });
  });
  return merges;
}
