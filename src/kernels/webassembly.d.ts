/** What is used of WebAssembly: TypeScript declares it for browsers only, which Node's types leave out. */
declare namespace WebAssembly {
  interface Module {
    readonly module?: never;
  }
  interface Memory {
    readonly buffer: ArrayBuffer;
    /** Adds so many pages; views of the buffer before it are empty from then on. */
    grow(pages: number): number;
  }
  interface Instance<Exports> {
    readonly exports: Exports;
  }
  /** Compiles at once. Throws a CompileError where the bytes are no module. */
  const Module: new (bytes: Uint8Array) => Module;
  /** Sizes are in pages of 64 KiB. */
  const Memory: new (descriptor: { initial: number }) => Memory;
  /** Throws a LinkError where the imports do not fit. What is exported is for the caller to know. */
  const Instance: new <Exports>(
    module: Module,
    imports: Record<string, Record<string, unknown>>,
  ) => Instance<Exports>;
}
