/** The graphs of one model in one of the layouts that exporters write, best first. */
const LAYOUTS: readonly (readonly string[])[] = [
  ['encoder_model', 'decoder_model_merged'],
  ['encoder_model', 'decoder_model', 'decoder_with_past_model'],
  ['encoder_model', 'decoder_model'],
  ['decoder_model_merged'],
  ['model'],
  ['decoder_model', 'decoder_with_past_model'],
  ['decoder_model'],
];

/** Suffixes of the precisions that exporters write, in the order in which they are taken. */
const SUFFIXES = ['', '_fp16', '_quantized', '_int8', '_uint8', '_q4', '_q4f16', '_bnb4'];

/** The ONNX files to read of a folder: one layout in one precision, with their external data. */
export function chooseGraphs(paths: readonly string[]): readonly string[] {
  const known = new Set(paths);
  for (const folder of ['onnx/', '']) {
    for (const suffix of SUFFIXES) {
      for (const layout of LAYOUTS) {
        const graphs = layout.map((name) => `${folder}${name}${suffix}.onnx`);
        if (!graphs.every((path) => known.has(path))) continue;
        const data = paths.filter((path) => graphs.some((graph) => path.startsWith(`${graph}_data`) || path.startsWith(`${graph}.data`)));
        return [...graphs, ...data];
      }
    }
  }
  return [];
}
