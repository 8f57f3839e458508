/** A trie of pieces over UTF-16 units, in one flat table: an object a node would cost hundreds of MB for large vocabularies. */
import { unsupported } from '../tokenizerJson';
import { PairTable } from './pairTable';

/** Longer pieces are hostile: looking one up at each place of a long text would take very long. */
const LONGEST_PIECE = 1024;

export class Trie {
  private readonly children: PairTable;
  private readonly ids: number[] = [-1];

  /** @throws ExplainError TOKENIZER_UNSUPPORTED */
  constructor(pieces: Iterable<readonly [string, number]>, expected: number) {
    this.children = new PairTable(expected * 2);
    for (const [piece, id] of pieces) this.add(piece, id);
  }

  /** Calls `found(end, id)` for each piece that is at `from` in the text, shortest first. */
  match(text: string, from: number, found: (end: number, id: number) => void): void {
    let node = 0;
    for (let at = from; at < text.length; ) {
      node = this.children.get(node, text.charCodeAt(at));
      if (node < 0) return;
      at++;
      const id = this.ids[node] ?? -1;
      if (id >= 0) found(at, id);
    }
  }

  private add(piece: string, id: number): void {
    if (piece.length > LONGEST_PIECE) throw unsupported(`a piece of more than ${LONGEST_PIECE} characters`);
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
