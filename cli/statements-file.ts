import type { CommitmentPlace } from '@assay/sdk/protocol/commitments.ts'
import { ROOT_COHORT } from '@assay/sdk/protocol/sampling.ts'
import { type StatementKind, statementTypedData } from '@assay/sdk/protocol/signed-statements.ts'
import type { TwoStatements } from '@assay/sdk/verbs/court/accuse-two-statements.ts'
import { type Address, type Hex, recoverTypedDataAddress } from 'viem'
import { z } from 'zod4'
import { CliError } from './failure.ts'
import { parseJsonFile, readOptionFile } from './json-file.ts'

const IS_NOT = "doesn't have two statements of one account"
const FIX =
  'Give JSON with kind, slot, first, second, firstSignature and secondSignature, and nothing else, of the task and the round that you name.'
/** Half of the curve's order: of the two forms of a signature only the one with the lower s counts. */
const HIGHEST_S = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n

const hexOf = (digits: number) =>
  z.custom<Hex>((text) => typeof text === 'string' && new RegExp(`^0x[0-9a-f]{${digits}}$`).test(text), {
    error: `must be 0x and ${digits} lowercase hexadecimal digits`,
  })
const isSlot = (value: unknown) =>
  value === 'model' || (Number.isInteger(value) && Number(value) >= 0 && Number(value) <= ROOT_COHORT)
const schema = z.strictObject({
  kind: z.enum(['vote', 'sheets'], { error: 'must be "vote" or "sheets"' }),
  slot: z.custom<number | 'model'>(isSlot, {
    error: `must be a whole number from 0 to ${ROOT_COHORT}, or "model"`,
  }),
  first: hexOf(64),
  second: hexOf(64),
  firstSignature: hexOf(130),
  secondSignature: hexOf(130),
})

/** Two statements, and who signed both. */
export type SignedTwice = { statements: TwoStatements; validator: Address }

/**
 * Reads two statements for one slot from a JSON file, and finds out who signed them.
 *
 * @throws CliError when the file can't be read or is malformed, or doesn't show that one account said two things
 */
export async function readTwoStatements(file: string, place: CommitmentPlace): Promise<SignedTwice> {
  const { slot, ...said } = parseJsonFile(readOptionFile(file, '--two-statements'), {
    file,
    schema,
    isNot: IS_NOT,
    fix: FIX,
  })
  const statements = { ...said, slot: slot === 'model' ? ROOT_COHORT : slot }
  if (slot === 'model' && said.kind !== 'vote')
    throw wrong(file, 'the slot "model" is of votes, not of sheets')
  const { first, second, firstSignature, secondSignature } = statements
  if (first === second) throw wrong(file, `both values are ${first}, which is no contradiction`)
  const signers = [
    await signerOf(file, place, { ...statements, value: first, signature: firstSignature }),
    await signerOf(file, place, { ...statements, value: second, signature: secondSignature }),
  ] as const
  if (signers[0] !== signers[1])
    throw wrong(
      file,
      `by task ${place.taskId} and round ${place.round} of this deployment the first is signed by ${signers[0]}, the second by ${signers[1]}`,
    )
  return { statements, validator: signers[0] }
}

async function signerOf(
  file: string,
  place: CommitmentPlace,
  said: { kind: StatementKind; slot: number; value: Hex; signature: Hex },
): Promise<Address> {
  const [s, v] = [BigInt(`0x${said.signature.slice(66, 130)}`), said.signature.slice(130)]
  if (s > HIGHEST_S || (v !== '1b' && v !== '1c'))
    throw wrong(file, `the signature of ${said.value} doesn't have s in its lower half and v of 27 or 28`)
  try {
    return await recoverTypedDataAddress({
      ...statementTypedData({ ...place, ...said }),
      signature: said.signature,
    })
  } catch {
    throw wrong(file, `the signature of ${said.value} is nobody's`)
  }
}

const wrong = (file: string, what: string) => new CliError('usage', `${file} ${IS_NOT} (${what}).`, FIX)
