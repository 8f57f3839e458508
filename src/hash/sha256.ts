/** SHA-256 of what is in memory, in hexadecimal digits. Files that arrive in parts are hashed in `hub/checksum.ts`. */
import { hex } from './hex';

/** Of some bytes: 64 hexadecimal digits. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  return hex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>)));
}

/** Of a text's UTF-8 bytes: with it a text is recognised without being kept. */
export const textHash = (text: string): Promise<string> => sha256(new TextEncoder().encode(text));
