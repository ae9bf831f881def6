const BEYOND_ASCII = /[\u0080-\uFFFF]/
const SLASH = Buffer.from('/')

/**
 * Paths in a tree are bytes, one character each: names need not be UTF-8. Such strings are made and compared faster than buffers, and their order is
 * that of the bytes.
 */
export function pathFrom(text: string): string {
  return BEYOND_ASCII.test(text) ? Buffer.from(text).toString('latin1') : text
}

/** As a person reads it: UTF-8 where it is. */
export function shownPath(path: string): string {
  return BEYOND_ASCII.test(path) ? Buffer.from(path, 'latin1').toString('utf8') : path
}

/** As the system is asked by. */
export function systemPath(path: string): string | Buffer {
  return BEYOND_ASCII.test(path) ? Buffer.from(path, 'latin1') : path
}

export function joinBytes(folder: Buffer, name: Buffer): Buffer {
  return Buffer.concat([folder, SLASH, name])
}

export function joinPath(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`
}
