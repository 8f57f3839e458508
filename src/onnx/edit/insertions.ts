/**
 * Edits a model's bytes without writing the rest anew: bytes are put at the end of messages. For the graph itself that is a suffix of
 * the file, since protobuf merges repeated occurrences of a message; for a message inside it, the lengths of the messages around it
 * are written anew. All other bytes are passed on as views of the file, not copied.
 */
import { varint } from '../wire/writer';
import type { MessageSpan, ByteSpan } from '../wire/reader';

/**
 * Bytes for the message at the end of `path` (outermost message first; the file itself is not named): appended to it, or put
 * in the place of a range of it. An empty range is a place between two fields.
 */
export interface Insertion {
  readonly path: readonly MessageSpan[];
  readonly bytes: Uint8Array;
  readonly instead?: ByteSpan;
}

interface Place {
  readonly span: MessageSpan;
  readonly inside: Map<number, Place>;
  readonly instead: (ByteSpan & { readonly bytes: Uint8Array })[];
  readonly append: Uint8Array[];
}

/**
 * Puts the insertions into the file.
 * @param suffix appended to the end of the file
 * @returns the edited file's pieces in order: views of `bytes`, and what is new
 */
export function edit(bytes: Uint8Array, insertions: readonly Insertion[], suffix: Uint8Array): Uint8Array[] {
  const root: Place = {
    span: { tag: 0, start: 0, end: bytes.length },
    inside: new Map(),
    instead: [],
    append: [suffix],
  };
  for (const insertion of insertions) {
    let place = root;
    for (const span of insertion.path) {
      let inner = place.inside.get(span.tag);
      if (!inner) {
        inner = { span, inside: new Map(), instead: [], append: [] };
        place.inside.set(span.tag, inner);
      }
      place = inner;
    }
    if (insertion.instead) place.instead.push({ ...insertion.instead, bytes: insertion.bytes });
    else place.append.push(insertion.bytes);
  }
  const parts: Uint8Array[] = [];
  write(bytes, root, parts);
  return parts.filter((part) => part.length > 0);
}

/** Appends the pieces of a message's body to `parts`. @returns the body's length in bytes */
function write(bytes: Uint8Array, place: Place, parts: Uint8Array[]): number {
  let length = 0;
  let at = place.span.start;
  const push = (part: Uint8Array): void => {
    parts.push(part);
    length += part.length;
  };
  // In the order of the file; what is put between two fields comes before the field that begins there.
  const changes = [
    ...place.instead.map((range) => ({ from: range.start, order: range.start === range.end ? 0 : 1, range })),
    ...[...place.inside.values()].map((child) => ({ from: child.span.tag, order: 1, child })),
  ].sort((a, b) => a.from - b.from || a.order - b.order);
  for (const change of changes) {
    if (change.from < at) throw new Error('two edits of a model overlap');
    if ('range' in change) {
      push(bytes.subarray(at, change.range.start));
      push(change.range.bytes);
      at = change.range.end;
      continue;
    }
    const { child } = change;
    push(bytes.subarray(at, headerEnd(bytes, child.span)));
    const own: Uint8Array[] = [];
    const body = write(bytes, child, own);
    push(varint(body));
    parts.push(...own);
    length += body;
    at = child.span.end;
  }
  push(bytes.subarray(at, place.span.end));
  for (const part of place.append) push(part);
  return length;
}

/** Where a field's number and wire type end and its length begins. */
function headerEnd(bytes: Uint8Array, span: MessageSpan & ByteSpan): number {
  let at = span.tag;
  while ((bytes[at] ?? 0) >= 0x80) at++;
  return at + 1;
}
