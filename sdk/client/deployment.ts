import { type Address, isAddress } from 'viem'
import { z } from 'zod4'
import { plainText } from './plain-text.ts'

/** Of what is wrong with a file, in letters: the file's own names are in it. */
const LONGEST_FAULTS = 500

const address = z.custom<Address>((text) => typeof text === 'string' && isAddress(text, { strict: false }), {
  error: 'must be 0x and 40 hexadecimal digits',
})

const contracts = z.strictObject({
  assayToken: address,
  stakeRegistry: address,
  beacon: address,
  tasks: address,
  rounds: address,
  roundsExtension: address,
  roundsMembership: address,
  roundsCases: address,
  roundsLens: address,
  canaries: address,
  accusations: address,
  court: address,
  jury: address,
  windowAccusations: address,
})

const schema = z.strictObject({
  network: z.string().min(1),
  chainId: z.int().positive(),
  /** No event of the protocol is in an earlier block. */
  startBlock: z.int().nonnegative(),
  /** Commit that the contracts were built from. */
  commit: z.string(),
  contracts,
  /** Parameters fixed at deployment, for people: the contracts have the same values. */
  parameters: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
})

/** Where the protocol lives on one chain: the content of `deployments/<network>.json`. */
export type Deployment = z.infer<typeof schema>

/** Where a round is: what commitments, openings and secrets are bound to. */
export type RoundsPlace = Pick<Deployment, 'chainId'> & { contracts: Pick<Deployment['contracts'], 'rounds'> }

/** The names of its contracts. */
export const CONTRACT_NAMES = Object.keys(contracts.shape)

/**
 * A deployment from parsed JSON.
 *
 * @throws Error naming each field that is missing, unknown or malformed
 */
export function parseDeployment(json: unknown, source = 'the deployment'): Deployment {
  const parsed = schema.safeParse(json)
  if (parsed.success) return parsed.data
  const faults = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'it'}: ${issue.message}`)
  throw new Error(
    `${source} is not a valid deployment (${plainText(faults.join('; '), LONGEST_FAULTS)}). Use a file that the deploy command wrote.`,
  )
}
