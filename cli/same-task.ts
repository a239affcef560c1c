import type { Hash } from '@assay/sdk/protocol/random.ts'
import { CliError } from './failure.ts'

/**
 * Makes sure that a package is the one of a task.
 *
 * @param dir the package's folder, as an option named it
 * @param fix what to do if it isn't
 * @throws CliError with both spec hashes
 */
export function requireSameTask(
  dir: string | undefined,
  found: { specHash: Hash },
  task: { taskId: bigint; specHash: Hash },
  fix = 'Give the package of this task.',
): void {
  if (found.specHash === task.specHash) return
  throw new CliError(
    'usage',
    `${dir} has the spec hash ${found.specHash}, but task ${task.taskId} has ${task.specHash}.`,
    fix,
  )
}
