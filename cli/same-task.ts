import { programFault } from '@assay/sdk/protocol/program.ts'
import type { Hash } from '@assay/sdk/protocol/random.ts'
import { CliError } from './failure.ts'

/** What a task on chain says of its package. */
export type NamedPackage = { specHash: Hash; programRoot: Hash }

/**
 * Makes sure that a folder's package is the one of a task.
 *
 * @param dir the package's folder, as an option named it
 * @param fix what to do if it isn't
 * @throws CliError with both spec hashes, and as {@link requireProgram}
 */
export function requireSameTask(
  dir: string | undefined,
  found: NamedPackage,
  task: NamedPackage & { taskId: bigint },
  fix = 'Give the package of this task.',
): void {
  if (found.specHash !== task.specHash)
    throw new CliError(
      'usage',
      `${dir} has the spec hash ${found.specHash}, but task ${task.taskId} has ${task.specHash}.`,
      fix,
    )
  requireProgram(found, task)
}

/** Makes sure that a task names the program of its own package. @throws CliError with both program roots */
export function requireProgram(
  found: { programRoot: Hash },
  task: { taskId: bigint; programRoot: Hash },
): void {
  const fault = programFault(task.programRoot, found.programRoot)
  if (fault === undefined) return
  throw new CliError('failed', `The package of task ${task.taskId} is refused: ${fault.message}`, fault.fix)
}
