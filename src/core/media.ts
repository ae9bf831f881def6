/** What the first bytes of a file show it to be: an image or a video by its signature, else null. Names prove nothing. */
export function mediaKind(head: Uint8Array): 'image' | 'video' | null {
  const text = String.fromCharCode(...head.slice(0, 64))
  if (text.startsWith('\u0089PNG\r\n') || text.startsWith('\u00ff\u00d8\u00ff') || /^GIF8[79]a/.test(text))
    return 'image'
  if (/^RIFF.{4}WEBP/s.test(text) || text.startsWith('BM') || /^(?:II\*\0|MM\0\*)/.test(text)) return 'image'
  if (/^RIFF.{4}AVI /s.test(text) || text.startsWith('\u001aE\u00df\u00a3')) return 'video'
  const brand = /^.{4}ftyp(.{4})/s.exec(text)?.[1]
  if (brand !== undefined) return /^(?:avif|avis|heic|heix|mif1|msf1)$/.test(brand) ? 'image' : 'video'
  if (/^(?:\ufeff|\u00ef\u00bb\u00bf)?\s*(?:<\?xml[^>]*>\s*)?<svg[\s>]/.test(text)) return 'image'
  return null
}
