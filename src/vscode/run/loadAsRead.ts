/** Loading a model while its files, and the runtime's, are still being read: each goes to the worker as soon as it is there. */
import type { EngineApi, LoadRequest, ModelReport } from '../../protocol/engine';
import type { OpenedModel } from '../models/modelSources';

/**
 * @param ready rejects where the runtime cannot be started
 * @throws ExplainError of the engine, of reading a file, of `ready`: what fails first; AbortError
 */
export async function loadAsRead(
  api: EngineApi,
  ready: Promise<void>,
  request: LoadRequest,
  { sizes, files }: OpenedModel,
  signal: AbortSignal,
): Promise<ModelReport> {
  const { modelId, version } = request;
  const given = new AbortController();
  const either = AbortSignal.any([signal, given.signal]);
  const loading = api.load({ ...request, coming: sizes }, either);
  const sending = files.map(async ({ path, bytes: reading }) => {
    const bytes = await reading;
    either.throwIfAborted();
    return api.file({ modelId, version, path, bytes });
  });
  // The load would wait for what will not come: it is given up, and is nobody's any more.
  loading.catch(() => undefined);
  const failed = Promise.all([ready, ...sending]).then(
    () => new Promise<never>(() => undefined),
    (thrown: unknown) => {
      given.abort();
      throw thrown;
    },
  );
  try {
    return await Promise.race([loading, failed]);
  } finally {
    // A file that is still being read is this load's alone: the next one of the same model reads it anew.
    given.abort();
  }
}
