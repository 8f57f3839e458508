/** A file's checksum while it arrives: SHA-256 as large-file storage gives it, or git's SHA-1 of a blob. */
import { sha1 } from '@noble/hashes/legacy.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { RepositoryFile } from './repository';

export interface Checksum {
  update(bytes: Uint8Array): void;
  /** Whether what was seen is the file. True where the hub gives nothing to compare with. */
  matches(): boolean;
}

export function checksumOf(file: RepositoryFile): Checksum {
  const expected = file.sha256 ?? file.gitOid;
  const hash = file.sha256 !== null ? sha256.create() : sha1.create();
  if (file.sha256 === null) hash.update(new TextEncoder().encode(`blob ${file.size}\0`));
  return {
    update: (bytes) => {
      hash.update(bytes);
    },
    matches: () => expected === null || bytesToHex(hash.digest()) === expected,
  };
}
