/** Anything that survives a journal line unchanged. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** A JSON object; what calls take and give. */
export type JsonRecord = { readonly [key: string]: Json }
