import { withBytes, type GraphFile } from '../../src/engine/files/modelFiles';
import { findTextPlaces, refuseOtherSenses } from '../../src/engine/files/modelSettings';
import type { ModelFiles } from '../../src/protocol/engine';

/** The graphs of files that are all there. @throws ExplainError MODEL_FILE_MISSING; MODEL_UNSUPPORTED where it reads no text */
export function findTextGraphs(files: ModelFiles, config: unknown): readonly GraphFile[] {
  const graphs = withBytes(findTextPlaces(Object.keys(files), config), files);
  refuseOtherSenses(config, graphs);
  return graphs;
}
