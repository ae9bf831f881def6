/**
 * Gives memory back at once. The collector frees large buffers late, since it sees how few objects they are; with some of them a
 * megabyte long, hundreds of megabytes would wait for it. Nobody may use the view afterwards.
 */
export function release(view: Uint8Array): void {
  const { buffer } = view
  // Short ones share a slab with others, which is about this long.
  if (buffer instanceof ArrayBuffer && buffer.byteLength > 2 * Buffer.poolSize) buffer.transfer(0)
}
