/**
 * Reading tensors that are on the graphics device. ONNX Runtime downloads one tensor at a time, each with a wait of its own, and takes
 * it from the device with that. A step of a decoder gives a map for each layer: here everything that is asked for in one turn comes in
 * one download, the tensors stay where they are, and of a key/value cache only the newest rows are brought.
 */
import * as ort from 'onnxruntime-web/webgpu';
import type { ElementArray } from '../../transformer/tensorSession';

/** How elements are laid out, of the types that attention, logits and caches have. */
const ELEMENTS = { float32: Float32Array, float16: Uint16Array } as const;
type Elements = (typeof ELEMENTS)[keyof typeof ELEMENTS];

/** Copies in a command buffer begin and end at a multiple of so many bytes (WebGPU, `copyBufferToBuffer`). */
const ALIGNED = 4;
const aligned = (bytes: number): number => Math.ceil(bytes / ALIGNED) * ALIGNED;

/** Most bytes of one download, unless a tensor alone has more: buffers on a device have a largest size, and take memory beside the tensors. */
const MOST_BYTES = 2 ** 26;

/** Some bytes of a buffer on the device. */
interface Piece {
  readonly buffer: GPUBuffer;
  readonly from: number;
  readonly bytes: number;
}

/** Pieces that come as one, behind each other. */
interface Read {
  readonly pieces: readonly Piece[];
  readonly bytes: number;
  readonly done: PromiseWithResolvers<ArrayBuffer>;
}

const waiting: Read[] = [];

/** Asks for pieces, which are downloaded together with all that is asked for in this turn. */
function download(pieces: readonly Piece[]): Promise<ArrayBuffer> {
  const bytes = pieces.reduce((sum, piece) => sum + piece.bytes, 0);
  const done = Promise.withResolvers<ArrayBuffer>();
  if (waiting.length === 0) queueMicrotask(() => void downloadAll(waiting.splice(0)));
  waiting.push({ pieces, bytes, done });
  return done.promise;
}

async function downloadAll(reads: readonly Read[]): Promise<void> {
  let [together, size]: [Read[], number] = [[], 0];
  for (const read of reads) {
    const more = aligned(read.bytes);
    if (together.length > 0 && size + more > MOST_BYTES) {
      await downloadTogether(together, size);
      [together, size] = [[], 0];
    }
    together.push(read);
    size += more;
  }
  await downloadTogether(together, size);
}

/** @param size of all of them, each aligned */
async function downloadTogether(reads: readonly Read[], size: number): Promise<void> {
  let copy: GPUBuffer | undefined;
  try {
    const device = await (ort.env.webgpu.device as GPUDevice | Promise<GPUDevice>);
    copy = device.createBuffer({ size, usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ });
    const commands = device.createCommandEncoder();
    let to = 0;
    for (const { pieces, bytes } of reads) {
      let at = to;
      for (const piece of pieces) {
        commands.copyBufferToBuffer(piece.buffer, piece.from, copy, at, aligned(piece.bytes));
        at += piece.bytes;
      }
      to += aligned(bytes);
    }
    device.queue.submit([commands.finish()]);
    await copy.mapAsync(GPUMapMode.READ);
    const mapped = copy.getMappedRange();
    let from = 0;
    for (const { bytes, done } of reads) {
      // Each in memory of its own: some are kept, and others not.
      done.resolve(mapped.slice(from, from + bytes));
      from += aligned(bytes);
    }
  } catch (thrown) {
    for (const { done } of reads) done.reject(thrown);
  } finally {
    copy?.destroy();
  }
}

function elementsOf({ location, type }: ort.Tensor): Elements | undefined {
  if (location !== 'gpu-buffer') return undefined;
  return type === 'float32' || type === 'float16' ? ELEMENTS[type] : undefined;
}

/** Downloads a tensor; undefined where it is not on the device, or is of a type that the runtime has to bring. */
export function wholeOnDevice(tensor: ort.Tensor): Promise<ElementArray> | undefined {
  const Of = elementsOf(tensor);
  if (!Of) return undefined;
  const bytes = tensor.size * Of.BYTES_PER_ELEMENT;
  if (bytes === 0) return Promise.resolve(new Of(0));
  return download([{ buffer: tensor.gpuBuffer, from: 0, bytes }]).then((data) => new Of(data));
}

/**
 * How to download rows of `tensor`, [1, heads, rows, size]; undefined where it is not on the device, or of a shape or type of which
 * no rows can be had.
 */
export function rowsOnDevice(tensor: ort.Tensor): ((from: number) => Promise<ElementArray>) | undefined {
  const Of = elementsOf(tensor);
  const [batch, heads = 0, rows = 0, size = 0] = tensor.dims;
  if (!Of || tensor.dims.length !== 4 || batch !== 1) return undefined;
  const row = size * Of.BYTES_PER_ELEMENT;
  if (row % ALIGNED !== 0) return undefined;
  return async (from) => {
    const bytes = (rows - from) * row;
    if (heads * bytes === 0) return new Of(0);
    const pieces = Array.from({ length: heads }, (_, head) => ({
      buffer: tensor.gpuBuffer,
      from: (head * rows + from) * row,
      bytes,
    }));
    return new Of(await download(pieces));
  };
}
