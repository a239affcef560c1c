import { statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { POOL_FILE } from '@assay/engine/package/pool.ts'

/** The pool's file that the options name, or the one beside the package's folder, where it is written by default. */
export function poolFileOf({ package: dir, pool }: { package: string; pool?: string | undefined }): string {
  return pool ?? join(dirname(resolve(dir)), POOL_FILE)
}

/** The same, undefined when none is named and none is beside the package. */
export function poolFileIfThere(options: { package: string; pool?: string | undefined }): string | undefined {
  const file = poolFileOf(options)
  const isThere = statSync(file, { throwIfNoEntry: false })?.isFile() === true
  return options.pool !== undefined || isThere ? file : undefined
}
