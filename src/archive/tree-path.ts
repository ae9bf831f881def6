const ASCII = /^[\u0000-\u007F]*$/
const SLASH = Buffer.from('/')

/**
 * Paths in a tree are bytes, one character each: names need not be UTF-8. Such strings are made and compared faster than buffers, and their order is
 * that of the bytes.
 */
export function pathFrom(text: string): string {
  return ASCII.test(text) ? text : Buffer.from(text).toString('latin1')
}

/** As a person reads it: UTF-8 where it is. */
export function shownPath(path: string): string {
  return ASCII.test(path) ? path : Buffer.from(path, 'latin1').toString('utf8')
}

/** As the system is asked by. */
export function systemPath(path: string): string | Buffer {
  return ASCII.test(path) ? path : Buffer.from(path, 'latin1')
}

export function joinBytes(folder: Buffer, name: Buffer): Buffer {
  return folder.length === 0 ? name : Buffer.concat([folder, SLASH, name])
}

export function joinPath(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`
}
