/** Task packages from blob stores. */
import { blobHash, type Hash } from '../hash.ts'
import { demand } from '../refusal.ts'
import {
  checkFileSize,
  checkPin,
  checkTaskPackage,
  DEFAULT_PACKAGE_LIMITS,
  declaredFile,
  type EnginePin,
  type PackageLimits,
} from './package-check.ts'
import type { TaskPackage } from './task-contents.ts'
import { filesOf, MAX_SPEC_BYTES, parseTaskSpec, type TaskFile } from './task-spec.ts'

/**
 * Fetches a task package by its spec hash: task.json is the blob of that hash, and names the hashes of the others.
 *
 * @param pin the engine here: packages pinned to another one are refused.
 * @param getBlob gives the blob of a hash; it need not check the hash and must give up past `maxBytes`.
 * @throws EngineRefusal with the reason.
 */
export async function fetchTaskPackage(
  specHash: Hash,
  pin: EnginePin,
  getBlob: (sha256: Hash, maxBytes: number) => Promise<Uint8Array>,
  limits: PackageLimits = DEFAULT_PACKAGE_LIMITS,
): Promise<TaskPackage> {
  const taskJson = await getBlob(specHash, MAX_SPEC_BYTES)
  // Before it is read: what another blob says of formats and engines is no reason to give up.
  const found = blobHash(taskJson)
  demand(found === specHash, 'package', () => `task.json has hash ${found}, ${specHash} was asked for`)
  const { spec } = parseTaskSpec(taskJson)
  checkPin(spec, pin)
  const files = new Map<TaskFile, Uint8Array>()
  for (const name of filesOf(spec)) {
    checkFileSize(spec, name, limits)
    const { sha256, bytes } = declaredFile(spec, name)
    files.set(name, await getBlob(sha256, bytes))
  }
  return checkTaskPackage(taskJson, files, pin, limits)
}
