/** 32-bit FNV-1a of UTF-16 units, finished by a murmur mixer. */
export function hash32(text: string, seed = 0x811c9dc5): number {
  let hash = seed;
  for (let i = 0; i < text.length; i += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** 64 bits as two independent 32-bit hashes. */
export function hash64(text: string): readonly [number, number] {
  return [hash32(text), hash32(text, 0x9747b28c)];
}

/** 16 hex digits of a 64-bit hash. */
export function hashHex(text: string): string {
  const [a, b] = hash64(text);
  return a.toString(16).padStart(8, "0") + b.toString(16).padStart(8, "0");
}
