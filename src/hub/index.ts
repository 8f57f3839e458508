/**
 * The hub, without VS Code: look a model up, choose a variant, download and verify it, read it back.
 *
 *     const repository = await lookUp(options, 'owner/name', { signal });
 *     const variants = findVariants(repository.files);          // with bytes, dtype, what is missing
 *     const plan = planDownload(repository, defaultVariant(variants, 'wasm') ?? …);
 *     const manifest = await download(options, storage, plan, { signal, onProgress });
 *     const files = await readModel(storage, manifest);         // path → bytes
 */
export { download } from './download';
export { findModel, listModels, readModel, readModelFile, removeModel, type StoredModel } from './library';
export { checkedFiles, folderOf, type Manifest, planDownload, totalBytes } from './manifest';
export { modelIdOf, partsOfModelId } from './modelId';
export { isRepositoryId, lookUp, type Repository, type RepositoryFile } from './repository';
export { baseOf, type HubOptions } from './request';
export type { HubStorage } from './storage';
export { defaultVariant, type Dtype, findVariants, isDtype, type Variant } from './variants';
