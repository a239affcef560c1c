import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { sha256 } from '../hash.ts'
import type { EnginePin } from '../package/package-check.ts'

type Installed = { pin: EnginePin; wasmBinary: Uint8Array }

let installed: Promise<Installed> | undefined

/** The engine installed here: what new tasks are pinned to, and what packages are compared with. */
export async function installedEngine(): Promise<EnginePin> {
  return (await readInstalled()).pin
}

/** The wasm binary of the installed engine. */
export async function installedWasm(): Promise<Uint8Array> {
  return (await readInstalled()).wasmBinary
}

function readInstalled(): Promise<Installed> {
  installed ??= (async () => {
    const require = createRequire(import.meta.url)
    const wasmPath = require.resolve('onnxruntime-web/ort-wasm-simd-threaded.wasm')
    const wasmBinary = new Uint8Array(await readFile(wasmPath))
    const { env } = await import('onnxruntime-web/wasm')
    const pin = {
      name: 'onnxruntime-web',
      version: env.versions.web ?? '',
      wasmSha256: sha256(wasmBinary),
    } as const
    return { pin, wasmBinary }
  })()
  return installed
}
