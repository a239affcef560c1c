/** The native runtime, for comparison only: its bits depend on the processor, so nothing that counts may use it. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type * as Runtime from 'onnxruntime-web/wasm'

const run = promisify(execFile)
const folder = fileURLToPath(new URL('../../.toolchain/onnxruntime-node', import.meta.url))
/** One thread, with the optimisations that it has by itself. */
export const NATIVE_OPTIONS = { intraOpNumThreads: 1, interOpNumThreads: 1 } as const

/**
 * Fetches onnxruntime-node into .toolchain/, once, without its install scripts, and loads it.
 *
 * @throws when the registry can't be reached or the package has no binary for this machine.
 */
export async function nativeRuntime(version: string): Promise<typeof Runtime> {
  if (!existsSync(join(folder, 'node_modules'))) {
    await mkdir(folder, { recursive: true })
    const options = ['--ignore-scripts', '--no-save', '--no-audit', '--no-fund', '--loglevel=error']
    await run('npm', ['install', '--prefix', folder, ...options, `onnxruntime-node@${version}`])
  }
  return createRequire(join(folder, 'package.json'))('onnxruntime-node') as typeof Runtime
}
