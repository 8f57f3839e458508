/** Which model: the same id may come with other files later, as a folder's files can change. */
export interface ModelKey {
  readonly modelId: string;
  /** Differs where the files do; '' where they never change. */
  readonly version: string;
}
