/** The page's side of `deviceReads.browser.test.ts`. */
import * as ort from 'onnxruntime-web/webgpu';
import { rowsOnDevice, wholeOnDevice } from '../../src/engine/runtime/deviceReads';

type Type = 'float32' | 'float16';

const ELEMENTS = { float32: Float32Array, float16: Uint16Array } as const;

let device: GPUDevice | undefined;

async function deviceOfAll(): Promise<GPUDevice> {
  device ??= await (await navigator.gpu.requestAdapter())?.requestDevice();
  if (!device) throw new Error('There is no graphics device.');
  ort.env.webgpu.device = device;
  return device;
}

async function readBack(on: GPUDevice, buffer: GPUBuffer): Promise<ArrayBuffer> {
  const copy = on.createBuffer({ size: buffer.size, usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ });
  const commands = on.createCommandEncoder();
  commands.copyBufferToBuffer(buffer, 0, copy, 0, buffer.size);
  on.queue.submit([commands.finish()]);
  await copy.mapAsync(GPUMapMode.READ);
  return copy.getMappedRange().slice(0);
}

/** Elements count up to this and begin again: a float32 does not know every larger number. */
const AGAIN = 2 ** 12;

/** A buffer on the device that holds 0, 1, 2 …, as large as the runtime makes one. */
function counted(on: GPUDevice, type: Type, length: number): GPUBuffer {
  const Elements = ELEMENTS[type];
  const data = new Elements(length);
  for (let at = 0; at < length; at++) data[at] = at % AGAIN;
  const { STORAGE, COPY_SRC, COPY_DST } = GPUBufferUsage;
  const size = Math.ceil(data.byteLength / 16) * 16;
  const buffer = on.createBuffer({ size, usage: STORAGE | COPY_SRC | COPY_DST, mappedAtCreation: true });
  new Elements(buffer.getMappedRange()).set(data);
  buffer.unmap();
  return buffer;
}

/** Reads tensors of so many elements, all asked for in one turn: how many downloads that took, and whether each is 0, 1, 2 … */
export async function readTogether(
  type: Type,
  lengths: readonly number[],
): Promise<{ readonly downloads: number; readonly isRight: boolean }> {
  const on = await deviceOfAll();
  const tensors = lengths.map((length) =>
    ort.Tensor.fromGpuBuffer(counted(on, type, length), { dataType: type, dims: [length] }),
  );
  const map = Reflect.get<GPUBuffer, 'mapAsync'>(GPUBuffer.prototype, 'mapAsync');
  let downloads = 0;
  GPUBuffer.prototype.mapAsync = function (this: GPUBuffer, ...how) {
    downloads++;
    return map.apply(this, how);
  };
  try {
    const read = await Promise.all(tensors.map(async (tensor) => wholeOnDevice(tensor)));
    const isRight = read.every((data, index) => {
      const values = (data ?? []) as Float32Array;
      return values.length === lengths[index] && values.every((value, at) => value === at % AGAIN);
    });
    return { downloads, isRight };
  } finally {
    GPUBuffer.prototype.mapAsync = map;
    for (const tensor of tensors) tensor.gpuBuffer.destroy();
  }
}

/**
 * Of a tensor whose elements are 0, 1, 2 …: its rows from `from` on, null where none can be had, and its elements afterwards.
 * Halves are looked at as bits.
 */
export async function rowsOf(
  type: Type,
  dims: readonly number[],
  from: number,
): Promise<{ readonly rows: readonly number[] | null; readonly after: readonly number[] }> {
  const on = await deviceOfAll();
  const length = dims.reduce((product, dim) => product * dim, 1);
  const buffer = counted(on, type, length);
  const tensor = ort.Tensor.fromGpuBuffer(buffer, { dataType: type, dims: [...dims] });
  const rows = await rowsOnDevice(tensor)?.(from);
  const after = new ELEMENTS[type](await readBack(on, buffer)).subarray(0, length);
  return { rows: rows ? Array.from(rows as Float32Array) : null, after: Array.from(after) };
}

export interface RowsPage {
  readonly rowsOf: typeof rowsOf;
  readonly readTogether: typeof readTogether;
}
