/** What a user of a model should know about it, one sentence each: what was found, and what it asks for that is not done. */
import type { KindInfo } from '../../attention/types';
import { readGenerationConfig } from '../../config/generationConfig';
import { senseOfConfig } from '../../config/senses';
import { asInteger, asObject } from '../../json/fields';
import type { ProviderReport } from '../../protocol/engine';
import { say } from '../../text/say';
import type { ModelParts } from './assemble';
import type { LoadedGraph } from './loadedGraph';
import type { ModelSettings } from '../files/modelSettings';

/** How a file's attention comes out, and where it runs if that is not where the others do. */
export function graphNote({ file, plan, provider: own }: LoadedGraph, provider: ProviderReport['provider']): string {
  const beside = plan.outputs.some((output) => output.source === 'side-graph');
  const note = say(beside ? 'engine.noteTapBeside' : 'engine.noteTap', {
    file: file.path,
    outputs: plan.outputs.length,
    bytes: plan.addedBytes,
    rejected: plan.rejected.length,
  });
  return own === provider ? note : `${note} ${say('engine.noteWasm')}`;
}

/** What is to be known of a model as a whole. @param pairs it reads two texts as a pair */
export function modelNotes(
  { config, generation }: ModelSettings,
  { family, graphs }: Pick<ModelParts, 'family' | 'graphs'>,
  kinds: readonly KindInfo[],
  pairs: boolean,
): readonly string[] {
  return [
    ...(config === undefined ? [withoutConfig(kinds)] : []),
    ...(senseOfConfig(config) === undefined ? [] : [say('engine.noteTextPart')]),
    ...(family === 'encoder-only' && graphs.some(({ file }) => file.role === 'encoder')
      ? [say('engine.noteEncoderAlone')]
      : []),
    ...(!pairs && tellsTextsApart(config, graphs) ? [say('engine.notePairs')] : []),
    ...(family === 'encoder-only' ? [] : wishes(config, generation)),
  ];
}

function withoutConfig(kinds: readonly KindInfo[]): string {
  const found = kinds.map(({ kind, layers, heads }) => `${kind} ${layers} × ${heads}`).join(', ');
  return say('engine.noteNoConfig', { found });
}

/** True where the model tells the two texts of a pair apart: there is one text here. */
function tellsTextsApart(config: unknown, graphs: readonly LoadedGraph[]): boolean {
  const types = asInteger(asObject(config)?.['type_vocab_size']) ?? 0;
  return types > 1 && graphs.some(({ session }) => session.inputs.some(({ name }) => name === 'token_type_ids'));
}

function wishes(config: unknown, generation: unknown): readonly string[] {
  const { beams, samples, forcedAt, undone } = readGenerationConfig(config, generation);
  return [
    ...(beams > 1 ? [say('engine.noteBeams', { beams })] : []),
    ...(samples ? [say('engine.noteSamples')] : []),
    ...(forcedAt.length > 0 ? [say('engine.noteForced', { count: forcedAt.length })] : []),
    ...(undone.length > 0 ? [say('engine.noteUndone', { settings: undone.join(', ') })] : []),
  ];
}
