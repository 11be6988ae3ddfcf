import { readFileSync } from 'node:fs';

/** @throws Error that names the file and says what to do, where it is damaged or missing */
export function compiled(name: 'kernels.wasm' | 'encoder.wasm'): WebAssembly.Module {
  try {
    return new WebAssembly.Module(readFileSync(new URL(`./${name}`, import.meta.url)));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : 'unreadable';
    throw new Error(`src/kernels/${name} cannot be used: ${why}; install the package again`, {
      cause,
    });
  }
}
