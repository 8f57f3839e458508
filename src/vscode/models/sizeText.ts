/** A size for people: 1.2 GB, 34 MB. */
import { say } from '../../text/say';

export function sizeText(bytes: number): string {
  return bytes >= 1e9
    ? say('host.gigabytes', { count: (bytes / 1e9).toFixed(1) })
    : say('host.megabytes', { count: Math.max(1, Math.round(bytes / 1e6)) });
}
