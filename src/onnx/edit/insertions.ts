/**
 * Edits a model without parsing it: bytes are put at the end of messages. At the top level that is a suffix of the file, for protobuf
 * merges repeated occurrences of a message; deeper down the lengths around the place are written anew. Everything else is views.
 */
import { varint } from '../wire/writer';
import type { MessageSpan, Span } from '../wire/reader';

/** Bytes to append to the message at the end of `path` (outermost message first; the file itself is not named). */
export interface Insertion {
  readonly path: readonly MessageSpan[];
  readonly bytes: Uint8Array;
}

interface Place {
  readonly span: MessageSpan;
  readonly inside: Map<number, Place>;
  readonly append: Uint8Array[];
}

/**
 * @param suffix appended to the file as it is.
 * @returns the edited file's pieces in order.
 */
export function edit(bytes: Uint8Array, insertions: readonly Insertion[], suffix: Uint8Array): Uint8Array[] {
  const root: Place = { span: { tag: 0, start: 0, end: bytes.length }, inside: new Map(), append: [suffix] };
  for (const insertion of insertions) {
    let place = root;
    for (const span of insertion.path) {
      let inner = place.inside.get(span.tag);
      if (!inner) {
        inner = { span, inside: new Map(), append: [] };
        place.inside.set(span.tag, inner);
      }
      place = inner;
    }
    place.append.push(insertion.bytes);
  }
  const parts: Uint8Array[] = [];
  write(bytes, root, parts);
  return parts.filter((part) => part.length > 0);
}

/** @returns the length of the body written. */
function write(bytes: Uint8Array, place: Place, parts: Uint8Array[]): number {
  let length = 0;
  let at = place.span.start;
  const push = (part: Uint8Array): void => {
    parts.push(part);
    length += part.length;
  };
  const inner = [...place.inside.values()].sort((a, b) => a.span.tag - b.span.tag);
  for (const child of inner) {
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
function headerEnd(bytes: Uint8Array, span: MessageSpan & Span): number {
  let at = span.tag;
  while ((bytes[at] ?? 0) >= 0x80) at++;
  return at + 1;
}
