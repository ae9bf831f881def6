/** The table of releases in a SQLite file, as its first version was and as it is made by hand. */
export const RELEASE_TABLE = `CREATE TABLE IF NOT EXISTS "ReleaseRecord" (
  "id" INTEGER PRIMARY KEY AUTOINCREMENT,
  "version" TEXT,
  "deploymentType" TEXT NOT NULL,
  "backupPath" TEXT NOT NULL,
  "schemaRevision" TEXT,
  "recordedAt" TEXT NOT NULL,
  "tag" TEXT,
  "commitSha" TEXT,
  "buildId" TEXT,
  "operator" TEXT,
  "outcome" TEXT,
  "run" TEXT
)`
