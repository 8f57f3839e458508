/** The page's side of `deviceReads.browser.test.ts`. */
import * as ort from 'onnxruntime-web/webgpu';
import { rowsOnDevice } from '../../src/engine/runtime/deviceReads';

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
  const Elements = ELEMENTS[type];
  const length = dims.reduce((product, dim) => product * dim, 1);
  const data = new Elements(Array.from({ length }, (_, at) => at));
  const { STORAGE, COPY_SRC, COPY_DST } = GPUBufferUsage;
  // As the runtime's own, whose size is a multiple of 16 bytes.
  const size = Math.ceil(data.byteLength / 16) * 16;
  const buffer = on.createBuffer({ size, usage: STORAGE | COPY_SRC | COPY_DST, mappedAtCreation: true });
  new Elements(buffer.getMappedRange()).set(data);
  buffer.unmap();
  const tensor = ort.Tensor.fromGpuBuffer(buffer, { dataType: type, dims: [...dims] });
  const rows = await rowsOnDevice(tensor)?.(from);
  const after = new Elements(await readBack(on, buffer)).subarray(0, length);
  return { rows: rows ? Array.from(rows as Float32Array) : null, after: Array.from(after) };
}

export interface RowsPage {
  readonly rowsOf: typeof rowsOf;
}
