import type { AssayReader } from '@assay/sdk/client/clients.ts'
import { iTasksAbi } from '@assay/sdk/generated/ITasks.ts'
import { joinLogs, readEncryptionKeys } from '@assay/sdk/verbs/tasks/read-encryption-keys.ts'
import { type Address, type Hex, keccak256 } from 'viem'

/** A validator of a task, and the key that it joined with. */
export type JoinedValidator = { validator: Address; encryptionKey: Hex }

/**
 * The validators that have joined a task and not left it, in the order in which they joined first.
 *
 * @param among whom to ask about; by default everybody. Each costs a question to the node
 */
export async function readJoined(
  reader: AssayReader,
  { taskId, among = () => true }: { taskId: bigint; among?: (one: JoinedValidator) => boolean },
): Promise<JoinedValidator[]> {
  const keys = await readEncryptionKeys(reader, { taskId })
  const asked = [...keys].map(([validator, encryptionKey]) => ({ validator, encryptionKey })).filter(among)
  const joined = await Promise.all(asked.map((one) => hasJoined(reader, taskId, one)))
  return asked.filter((_, i) => joined[i])
}

async function hasJoined(
  reader: AssayReader,
  taskId: bigint,
  { validator, encryptionKey }: JoinedValidator,
): Promise<boolean> {
  const hash = await readKeyHash(reader, taskId, validator)
  const isCurrent = hash === keccak256(encryptionKey)
  // The node may still lack the event with the key that the chain knows.
  if (!isCurrent && BigInt(hash) !== 0n) reader.logs?.forget(joinLogs(taskId))
  return isCurrent
}

/** Whether an account is a validator of the task, with whatever key. */
export async function isJoined(reader: AssayReader, taskId: bigint, validator: Address): Promise<boolean> {
  return BigInt(await readKeyHash(reader, taskId, validator)) !== 0n
}

function readKeyHash({ chain, deployment }: AssayReader, taskId: bigint, validator: Address): Promise<Hex> {
  return chain.readContract({
    address: deployment.contracts.tasks,
    abi: iTasksAbi,
    functionName: 'encryptionKeyHashOf',
    args: [taskId, validator],
  })
}
