/** A trie of pieces over UTF-16 units, in one flat table: an object a node would cost hundreds of MB for large vocabularies. */
import { LONGEST_PIECE, unsupported } from '../tokenizerJson';
import { spend } from '../work';
import { PairTable } from './pairTable';
import { say } from '../../text/say';

export class Trie {
  private readonly children: PairTable;
  private readonly ids: number[] = [-1];

  /** @throws ExplainError TOKENIZER_UNSUPPORTED */
  constructor(pieces: Iterable<readonly [string, number]>, expected: number) {
    this.children = new PairTable(expected * 2);
    for (const [piece, id] of pieces) this.add(piece, id);
  }

  /** Where pieces go on that begin with `prefix`, for `match`; -1 where there are none. */
  after(prefix: string): number {
    let node = 0;
    for (let i = 0; i < prefix.length && node >= 0; i++) node = this.children.get(node, prefix.charCodeAt(i));
    return node;
  }

  /** Calls `found(end, id)` for each piece, or rest of one after `start`, that is at `from` in the text, shortest first. */
  match(text: string, from: number, found: (end: number, id: number) => void, start = 0): void {
    let node = start;
    let at = from;
    while (at < text.length && node >= 0) {
      node = this.children.get(node, text.charCodeAt(at));
      if (node < 0) break;
      at++;
      const id = this.ids[node] ?? -1;
      if (id >= 0) found(at, id);
    }
    spend(1 + at - from);
  }

  private add(piece: string, id: number): void {
    if (piece.length > LONGEST_PIECE) throw unsupported(say('tokenizer.uses.longPiece', { most: LONGEST_PIECE }));
    let node = 0;
    for (let i = 0; i < piece.length; i++) {
      const unit = piece.charCodeAt(i);
      let child = this.children.get(node, unit);
      if (child < 0) {
        child = this.ids.length;
        this.ids.push(-1);
        this.children.set(node, unit, child);
      }
      node = child;
    }
    if (node > 0) this.ids[node] = id;
  }
}
