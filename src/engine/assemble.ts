/** Which of a model's loaded files does what. */
import type { ModelFamily } from '../attention/types';
import type { TappedGraph } from '../transformer/capture';
import { Decoder } from '../transformer/decoder';
import { Encoder } from '../transformer/encoder';
import { readModelSpec, type ModelSpec, type NamedIds } from '../transformer/spec';
import { ENCODER_ONLY_OUTPUTS, withDirection } from './direction';
import type { LoadedGraph } from './loadedGraph';
import type { GraphFile } from './modelFiles';

export interface ModelParts {
  readonly family: ModelFamily;
  readonly spec: ModelSpec;
  readonly graphs: readonly LoadedGraph[];
  readonly encoder: Encoder | undefined;
  readonly encoderGraph: LoadedGraph | undefined;
  readonly decoder: Decoder | undefined;
  readonly decoderGraph: LoadedGraph | undefined;
}

function familyOf(graphs: readonly LoadedGraph[]): ModelFamily {
  // An encoder's file alone is a model that only reads.
  if (graphs.length > 1 && graphs.some((graph) => graph.file.role === 'encoder')) return 'encoder-decoder';
  return graphs.some((graph) => graph.taps.some((tap) => tap.kind === 'decoder')) ? 'decoder-only' : 'encoder-only';
}

/**
 * Puts encoder and decoder together over the files that are loaded.
 * @param config parsed config.json
 * @param generation parsed generation_config.json, where there is one
 * @param named ids of the tokens that the tokenizer names
 * @param sample a few token ids, to run a file with whose inputs do not tell what it is
 * @throws ExplainError MODEL_CONFIG_INVALID, INPUT_UNSUPPORTED, MODEL_UNSUPPORTED
 */
export async function assemble(
  loaded: readonly LoadedGraph[],
  config: unknown,
  generation: unknown,
  sample: readonly number[],
  named?: NamedIds,
): Promise<ModelParts> {
  const [only] = loaded;
  const graphs =
    only && familyOf(loaded) === 'encoder-only'
      ? [await withDirection(only, readModelSpec(config, generation, 'encoder-only', named), sample)]
      : loaded;
  const family = familyOf(graphs);
  const spec = readModelSpec(config, generation, family, named);
  const byRole = (role: GraphFile['role']): LoadedGraph | undefined => graphs.find((graph) => graph.file.role === role);
  const decoderGraph =
    family === 'encoder-only' ? undefined : (byRole('decoder-merged') ?? byRole('decoder') ?? byRole('model'));
  const encoderGraph =
    family === 'encoder-decoder' ? byRole('encoder') : family === 'encoder-only' ? graphs[0] : undefined;
  // What runs is to hold on to the session only, not to the file's bytes.
  const tapped = ({ session, taps }: LoadedGraph): TappedGraph => ({ session, taps });
  const withPast = byRole('decoder-with-past');
  return {
    family,
    spec,
    graphs,
    encoder:
      encoderGraph &&
      new Encoder(
        tapped(encoderGraph),
        encoderGraph.file.role,
        spec,
        family === 'encoder-only' ? ENCODER_ONLY_OUTPUTS : undefined,
      ),
    encoderGraph,
    decoder:
      decoderGraph && new Decoder(tapped(decoderGraph), decoderGraph.file.role, spec, withPast && tapped(withPast)),
    decoderGraph,
  };
}
