import type { GraphFile } from '../../src/engine/files/modelFiles';
import { loadScanned, scanGraph, type LoadedGraph } from '../../src/engine/model/loadedGraph';
import type { ModelFiles, ProviderReport } from '../../src/protocol/engine';

/** A graph by itself, looked at and in a session. @throws ExplainError as `scanGraph` and `loadScanned` do */
export const loadGraph = async (
  file: GraphFile,
  files: ModelFiles,
  config: unknown,
  wanted: Pick<ProviderReport, 'provider' | 'maxBufferBytes'>,
): Promise<LoadedGraph> => loadScanned(scanGraph(file, files, config), wanted);
