/** Given in place of an exit code: the configuration is right again, and the program is to open by it. */
export const REOPEN = -1
