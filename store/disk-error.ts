import { StoreError } from './blob-store.ts'

/** What the system says when a disk takes no more, which only matters to a writer. */
const NO_ROOM: readonly (string | undefined)[] = ['ENOSPC', 'EDQUOT']

/**
 * An error of the system in a store's folder as the StoreError that its caller can act on; any other error as it is. A disk that
 * fails, or a table of open files that is full, says nothing of what was asked for: 'unavailable', or 'full' when it wants room.
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
