const SHORT = 16_384

/**
 * Gives memory back at once. The collector frees large buffers late, since it sees how few objects they are; with some of them a
 * megabyte long, hundreds of megabytes would wait for it. Nobody may use the view afterwards.
 */
export function release(view: Uint8Array): void {
  const { buffer } = view
  // The shortest are not worth it, and share a slab with others, which is about as long as it says.
  const { byteLength } = buffer
  const slab = byteLength >= Buffer.poolSize && byteLength <= 2 * Buffer.poolSize
  if (buffer instanceof ArrayBuffer && byteLength > SHORT && !slab) buffer.transfer(0)
}
