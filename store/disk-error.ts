import { StoreError } from './blob-store.ts'

/** Error codes of the system for a full disk. They only matter to writers. */
const NO_ROOM: readonly (string | undefined)[] = ['ENOSPC', 'EDQUOT']

/**
 * Turns a system error in a store's folder into a StoreError that the caller can act on. A failing disk, or too many
 * open files, says nothing about the blob or record: the code is 'unavailable', or 'full' if a writer lacks room. Other
 * errors are returned as they are.
 */
export function asDiskError(
  error: unknown,
  { dir, doing }: { dir: string; doing: 'read' | 'write' },
): unknown {
  if (!isSystemError(error)) return error
  const code = doing === 'write' && NO_ROOM.includes(error.code) ? 'full' : 'unavailable'
  return new StoreError(
    code,
    `the store can't ${doing} in ${dir}: ${error.message}. Check its disk, its permissions and the limit of open files.`,
    { cause: error },
  )
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'errno' in error && typeof error.errno === 'number'
}
