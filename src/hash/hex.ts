/** Bytes as lower-case hexadecimal digits, two for each. */
export const hex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
