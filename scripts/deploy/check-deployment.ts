import { decodeFailure } from '@assay/sdk/client/errors.ts'
import { iRoundsAbi } from '@assay/sdk/generated/IRounds.ts'
import { iStakeRegistryAbi } from '@assay/sdk/generated/IStakeRegistry.ts'
import { iTasksAbi } from '@assay/sdk/generated/ITasks.ts'
import type { EIP1193Provider } from '@nomicfoundation/ignition-core'
import { createPublicClient, custom, keccak256, type PublicClient, zeroAddress } from 'viem'
import { codeHashesOfPieces } from './artifacts.ts'
import { CONTRACTS, type Contracts } from './contracts.ts'
import { PARAMETER_NAMES } from './parameters.ts'

/** What the chain says about a deployment. */
export interface Fact {
  /** A contract and what it was asked for, such as `Tasks.rounds`. */
  name: string
  /** The chain's answer. */
  value: string
  /** What was expected, in words: a contract's name, for instance. */
  means: string
}

/** Parameters as a record has them, which anybody may have written. */
type Recorded = Readonly<Record<string, string | number>>

/** A fact in one line. */
export function factText({ name, value, means }: Fact): string {
  return `${name}  ${value}  ${means}`
}

/**
 * Asks the contracts of a deployment whom they obey and what is fixed in them, and compares that with the deployment's record and
 * with the code of this build. Anyone can, at any time: nothing is signed or sent.
 *
 * @returns the facts, in a fixed order
 * @throws Error naming the first fact that is not as recorded
 */
export async function checkDeployment(
  provider: EIP1193Provider,
  { contracts, parameters = {} }: { contracts: Contracts; parameters?: Recorded | undefined },
): Promise<Fact[]> {
  const chain = createPublicClient({ transport: custom(provider) })
  return [
    ...(await checkWiring(chain, contracts)),
    ...(await checkTimes(chain, contracts, parameters)),
    ...(await checkPieces(chain, contracts)),
  ]
}

/** Who reserves, slashes and pays: connected once, for good. */
async function checkWiring(chain: PublicClient, contracts: Contracts): Promise<Fact[]> {
  const { registry, tasks, rounds } = viewsOf(chain, contracts)
  const wiring = await rounds('wiring')
  const answers: [name: string, value: string, expected: keyof Contracts][] = [
    ['StakeRegistry.token', await registry('token'), 'assayToken'],
    ['StakeRegistry.tasks', await registry('tasks'), 'tasks'],
    ['StakeRegistry.rounds', await registry('rounds'), 'rounds'],
    ['Tasks.registry', await tasks('registry'), 'stakeRegistry'],
    ['Tasks.rounds', await tasks('rounds'), 'rounds'],
    ['Rounds.tasks', wiring[0], 'tasks'],
    ['Rounds.registry', wiring[1], 'stakeRegistry'],
    ['Rounds.beacon', wiring[2], 'beacon'],
    ['Rounds.extension', wiring[3], 'roundsExtension'],
    ['Rounds.membership', wiring[4], 'roundsMembership'],
    ['Rounds.cases', wiring[5], 'roundsCases'],
  ]
  const facts = answers.map(([name, value, expected]): Fact => {
    requireSame(name, value, contracts[expected], `${CONTRACTS[expected]} at ${contracts[expected]}`)
    return { name, value, means: CONTRACTS[expected] }
  })
  return [...facts, courtFact(await registry('court'))]
}

/** No deployment of this version has a court. */
function courtFact(value: string): Fact {
  requireSame('StakeRegistry.court', value, zeroAddress, 'none')
  return { name: 'StakeRegistry.court', value, means: 'none: nobody but Rounds slashes, for good' }
}

/** The times that are fixed, in seconds. The beacon's delay has no view: its draws show it. */
async function checkTimes(chain: PublicClient, contracts: Contracts, parameters: Recorded): Promise<Fact[]> {
  const { registry, tasks } = viewsOf(chain, contracts)
  const actual = { unbondingSeconds: await registry('unbondingSeconds'), ...(await tasks('timing')) }
  return PARAMETER_NAMES.filter((name) => name !== 'beaconDelayBlocks').map((name) => {
    const where = `${name === 'unbondingSeconds' ? 'StakeRegistry' : 'Tasks'}.${name}`
    requireSame(where, String(actual[name]), String(parameters[name] ?? 'nothing'))
    return { name: where, value: String(actual[name]), means: 'as recorded' }
  })
}

/** Asks each contract for a view by its name. */
function viewsOf(chain: PublicClient, contracts: Contracts) {
  const at = { registry: contracts.stakeRegistry, tasks: contracts.tasks, rounds: contracts.rounds }
  const registry = { address: at.registry, abi: iStakeRegistryAbi } as const
  const tasks = { address: at.tasks, abi: iTasksAbi } as const
  const rounds = { address: at.rounds, abi: iRoundsAbi } as const
  return {
    registry: <const N extends 'token' | 'tasks' | 'rounds' | 'court' | 'unbondingSeconds'>(view: N) =>
      answered(`StakeRegistry.${view}`, at.registry, chain.readContract({ ...registry, functionName: view })),
    tasks: <const N extends 'registry' | 'rounds' | 'timing'>(view: N) =>
      answered(`Tasks.${view}`, at.tasks, chain.readContract({ ...tasks, functionName: view })),
    rounds: (view: 'wiring') =>
      answered(`Rounds.${view}`, at.rounds, chain.readContract({ ...rounds, functionName: view })),
  }
}

async function answered<T>(name: string, address: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    if (decodeFailure(error).kind === 'transient') throw error
    throw new Error(
      `${name} has no answer at ${address}: another version is there, or another contract. Check with the sources of the record's ` +
        'commit, and the record against another copy.',
      { cause: error },
    )
  }
}

/** The pieces of code that Rounds runs on its own storage, as its constructor checked them. */
async function checkPieces(chain: PublicClient, contracts: Contracts): Promise<Fact[]> {
  const { extensionCodeHash, membershipCodeHash, casesCodeHash } = await codeHashesOfPieces()
  const pieces = [
    ['roundsExtension', extensionCodeHash],
    ['roundsMembership', membershipCodeHash],
    ['roundsCases', casesCodeHash],
  ] as const
  return Promise.all(
    pieces.map(async ([key, expected]) => {
      const name = `${CONTRACTS[key]}.codeHash`
      const value = keccak256((await chain.getCode({ address: contracts[key] })) ?? '0x')
      if (value === expected) return { name, value, means: 'the code of this build' }
      throw new Error(
        `${CONTRACTS[key]} at ${contracts[key]} has code with the hash ${value}, but the build's hash is ${expected}: compile the ` +
          "sources of the record's commit (npm run compile) and check again, or deploy under another name.",
      )
    }),
  )
}

function requireSame(name: string, actual: string, expected: string, told = expected): void {
  if (actual.toLowerCase() === expected.toLowerCase()) return
  throw new Error(
    `${name} is ${actual}, but the deployment's record says ${told}: ` +
      'check the record against another copy; a wrong connection can only be left behind, by deploying under another name.',
  )
}
