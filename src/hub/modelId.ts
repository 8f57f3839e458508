/** What a downloaded model is called where the choice of it is kept: `hub:<owner/name>@<revision>#<variant>`. */
import type { Manifest } from './manifest';
import { isRepositoryId } from './repository';
import { isDtype } from './variants';

export function modelIdOf({ id, revision, dtype }: Pick<Manifest, 'id' | 'revision' | 'dtype'>): string {
  return `hub:${id}@${revision}#${dtype}`;
}

/** The repository and the variant in an id that `modelIdOf` made; undefined for any other text. */
export function partsOfModelId(modelId: string): Pick<Manifest, 'id' | 'dtype'> | undefined {
  const [, id, dtype] = /^hub:([^@#]+)@[^#]*#(.+)$/u.exec(modelId) ?? [];
  return id !== undefined && isRepositoryId(id) && isDtype(dtype) ? { id, dtype } : undefined;
}
