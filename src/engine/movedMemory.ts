/** Which memory of an answer goes to the host without a copy. */

/** The weights of an answer are made for it alone, so their memory is moved, not copied. */
export function movedMemory(value: unknown): readonly ArrayBuffer[] {
  const buffers = new Set<ArrayBuffer>();
  const visit = (item: unknown): void => {
    if (ArrayBuffer.isView(item)) {
      if (item.buffer instanceof ArrayBuffer && item.byteLength === item.buffer.byteLength) buffers.add(item.buffer);
    } else if (typeof item === 'object' && item !== null) Object.values(item).forEach(visit);
  };
  const answer: unknown[] = Array.isArray(value) ? value : [value];
  for (const item of answer) if (typeof item === 'object' && item !== null && 'data' in item) visit(item);
  return [...buffers];
}
