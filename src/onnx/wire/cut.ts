/** Telling a file that was cut off from one that is damaged. */
import { ExplainError } from '../../errors';
import { WireReader } from './reader';

/** True where a protobuf file ends before what its outer fields announce: it was cut off. */
export function isCut(bytes: Uint8Array): boolean {
  const reader = new WireReader(bytes, { start: 0, end: bytes.length });
  try {
    while (reader.next());
  } catch (thrown) {
    if (thrown instanceof ExplainError) return reader.cut;
    throw thrown;
  }
  return false;
}
