/** Standard in every engine, but not in Node's type definitions. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object
  Instance: new (module: object) => { exports: unknown }
}

/** An exported number. */
export type Global = { value: number }

/** Starts a module of `assembly/`, and answers what it exports; null where there is no running it, as on a processor without vectors. */
export function startModule(base64: string): unknown {
  try {
    return new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(base64, 'base64'))).exports
  } catch {
    return null
  }
}
