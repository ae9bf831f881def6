/** Files that a database may write without their times telling: their content is always read, never taken from an earlier archive. */
const NAMES =
  /(?:\.(?:accdb|aof|db|db3|dbf|duckdb|fdb|gdbm|ibd|kdbx|ldb|lmdb|mdb|my[di]|rdb|realm|sqlite\w*)|[-.](?:wal|shm|journal)|ibdata\d*|ib_logfile\d+|data\.mdb)$/i
const SQLITE = Buffer.from('SQLite format 3\0')

export function isDatabaseName(path: string): boolean {
  return NAMES.test(path.slice(path.lastIndexOf('/') + 1))
}

/** By what its first bytes say. */
export function isDatabase(head: Uint8Array): boolean {
  return head.length >= SQLITE.length && SQLITE.equals(head.subarray(0, SQLITE.length))
}
