/** Where downloads are kept. The host implements it over `vscode.workspace.fs`, which writes whole files only. */
export interface HubStorage {
  /** The same for all that write to the same place. */
  readonly name: string;
  /** Writes a whole file, making its folders. Paths are relative, with `/`. */
  writeFile(path: string, bytes: Uint8Array): Promise<void>;
  /** Rejects where there is no such file. */
  readFile(path: string): Promise<Uint8Array>;
  /** Gives a file another name; rejects where that name is taken. */
  rename(from: string, to: string): Promise<void>;
  /** The size in bytes, or null where there is no such file. */
  size(path: string): Promise<number | null>;
  /** The names (not paths) of the files and folders in a folder; none where it is not there. */
  list(folder: string): Promise<readonly string[]>;
  /** Removes a file, or a folder with all that is in it; nothing happens where it is not there. */
  delete(path: string): Promise<void>;
}
