import { statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { POOL_FILE } from '@assay/engine/package/pool.ts'

/** The pool's file that the options name, or the one beside the package's folder, where it is written; if there is any. */
export function poolFileOf(options: { package: string; pool?: string | undefined }): string | undefined {
  if (options.pool !== undefined) return options.pool
  const beside = join(dirname(resolve(options.package)), POOL_FILE)
  return statSync(beside, { throwIfNoEntry: false })?.isFile() ? beside : undefined
}
