import { decodeFailure } from '@assay/sdk/client/errors.ts'
import { iAccusationsAbi } from '@assay/sdk/generated/IAccusations.ts'
import { iCanariesAbi } from '@assay/sdk/generated/ICanaries.ts'
import { iCourtAbi } from '@assay/sdk/generated/ICourt.ts'
import { iJuryAbi } from '@assay/sdk/generated/IJury.ts'
import { iRoundsAbi } from '@assay/sdk/generated/IRounds.ts'
import { iStakeRegistryAbi } from '@assay/sdk/generated/IStakeRegistry.ts'
import { iTasksAbi } from '@assay/sdk/generated/ITasks.ts'
import { iWindowAccusationsAbi } from '@assay/sdk/generated/IWindowAccusations.ts'
import type { EIP1193Provider } from '@nomicfoundation/ignition-core'
import { createPublicClient, custom, type PublicClient, zeroAddress } from 'viem'
import { codeHashOf } from './artifacts.ts'
import { CONTRACTS, type Contracts } from './contracts.ts'
import { onChain, type Parameters, parameterNamed } from './parameters.ts'

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
    ...(await checkCourt(chain, contracts, parameters)),
    ...(await checkTimes(chain, contracts, parameters)),
    ...(await checkCode(chain, contracts)),
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
    ['StakeRegistry.court', await registry('court'), 'court'],
    ['Tasks.registry', await tasks('registry'), 'stakeRegistry'],
    ['Tasks.rounds', await tasks('rounds'), 'rounds'],
    ['Rounds.tasks', wiring[0], 'tasks'],
    ['Rounds.registry', wiring[1], 'stakeRegistry'],
    ['Rounds.beacon', wiring[2], 'beacon'],
    ['Rounds.extension', wiring[3], 'roundsExtension'],
    ['Rounds.membership', wiring[4], 'roundsMembership'],
    ['Rounds.cases', wiring[5], 'roundsCases'],
  ]
  return wiringFacts(answers, contracts)
}

function wiringFacts(
  answers: readonly [name: string, value: string, expected: keyof Contracts][],
  contracts: Contracts,
): Fact[] {
  return answers.map(([name, value, expected]) => {
    requireSame(name, value, contracts[expected], `${CONTRACTS[expected]} at ${contracts[expected]}`)
    return { name, value, means: CONTRACTS[expected] }
  })
}

/** Who opens cases, who decides them, and who may suspend what they decide. */
async function checkCourt(chain: PublicClient, contracts: Contracts, parameters: Recorded): Promise<Fact[]> {
  const { court, canaries, accusations, windows, jury } = viewsOf(chain, contracts)
  const wiring = await court('wiring')
  const windowsWiring = await windows('wiring')
  const canariesWiring = await canaries('wiring')
  const facts = wiringFacts(
    [
      ['Court.tasks', wiring[0], 'tasks'],
      ['Court.registry', wiring[1], 'stakeRegistry'],
      ['Court.rounds', wiring[2], 'rounds'],
      ['Court.jury', wiring[3], 'jury'],
      ['Court.accusations', wiring[4], 'accusations'],
      ['Accusations.court', await accusations('court'), 'court'],
      ['Accusations.canaries', await accusations('canaries'), 'canaries'],
      ['Accusations.windows', await accusations('windows'), 'windowAccusations'],
      ['WindowAccusations.tasks', windowsWiring[0], 'tasks'],
      ['WindowAccusations.rounds', windowsWiring[1], 'rounds'],
      ['WindowAccusations.accusations', windowsWiring[2], 'accusations'],
      ['Canaries.tasks', canariesWiring[0], 'tasks'],
      ['Canaries.rounds', canariesWiring[1], 'rounds'],
      ['Canaries.token', canariesWiring[2], 'assayToken'],
      ['Jury.court', await jury('court'), 'court'],
      ['Jury.beacon', await jury('beacon'), 'beacon'],
    ],
    contracts,
  )
  const { guardian } = await court('terms')
  requireSame('Court.guardian', guardian, String(parameters.guardian ?? 'nothing'))
  const means = guardian === zeroAddress ? 'nobody can suspend a verdict' : 'as recorded'
  return [...facts, { name: 'Court.guardian', value: guardian, means }]
}

/** What is fixed in the contracts. The beacon's delay has no view: its draws show it. */
async function checkTimes(chain: PublicClient, contracts: Contracts, parameters: Recorded): Promise<Fact[]> {
  const { registry, tasks, court, jury } = viewsOf(chain, contracts)
  const { guardian: _, ...courtTerms } = await court('terms')
  const answers: [contract: string, values: Record<string, bigint | number>][] = [
    ['StakeRegistry', { unbondingSeconds: await registry('unbondingSeconds') }],
    ['Tasks', await tasks('timing')],
    ['Court', courtTerms],
    ['Jury', await jury('terms')],
  ]
  return answers.flatMap(([contract, values]) =>
    Object.entries(values).map(([term, value]): Fact => {
      const [name, actual] = [`${contract}.${term}`, String(value)]
      requireSame(name, actual, recordedValue(parameters, term))
      return { name, value: actual, means: 'as recorded' }
    }),
  )
}

/** A term as the record has it, in the contracts' unit. */
function recordedValue(parameters: Recorded, term: string): string {
  const name = parameterNamed(term)
  const value = name === undefined ? undefined : parameters[name]
  if (name === undefined || value === undefined) return 'nothing'
  return Number.isSafeInteger(value) ? String(onChain(parameters as Parameters, name)) : String(value)
}

/** Asks each contract for a view by its name. */
function viewsOf(chain: PublicClient, contracts: Contracts) {
  const at = { registry: contracts.stakeRegistry, tasks: contracts.tasks, rounds: contracts.rounds }
  const registry = { address: at.registry, abi: iStakeRegistryAbi } as const
  const tasks = { address: at.tasks, abi: iTasksAbi } as const
  const rounds = { address: at.rounds, abi: iRoundsAbi } as const
  const court = { address: contracts.court, abi: iCourtAbi } as const
  const canaries = { address: contracts.canaries, abi: iCanariesAbi } as const
  const accusations = { address: contracts.accusations, abi: iAccusationsAbi } as const
  const windows = { address: contracts.windowAccusations, abi: iWindowAccusationsAbi } as const
  const jury = { address: contracts.jury, abi: iJuryAbi } as const
  return {
    registry: <const N extends 'token' | 'tasks' | 'rounds' | 'court' | 'unbondingSeconds'>(view: N) =>
      answered(`StakeRegistry.${view}`, at.registry, chain.readContract({ ...registry, functionName: view })),
    tasks: <const N extends 'registry' | 'rounds' | 'timing'>(view: N) =>
      answered(`Tasks.${view}`, at.tasks, chain.readContract({ ...tasks, functionName: view })),
    rounds: (view: 'wiring') =>
      answered(`Rounds.${view}`, at.rounds, chain.readContract({ ...rounds, functionName: view })),
    court: <const N extends 'wiring' | 'terms'>(view: N) =>
      answered(`Court.${view}`, court.address, chain.readContract({ ...court, functionName: view })),
    canaries: (view: 'wiring') =>
      answered(`Canaries.${view}`, canaries.address, chain.readContract({ ...canaries, functionName: view })),
    accusations: <const N extends 'court' | 'windows' | 'canaries'>(view: N) =>
      answered(
        `Accusations.${view}`,
        accusations.address,
        chain.readContract({ ...accusations, functionName: view }),
      ),
    windows: (view: 'wiring') =>
      answered(
        `WindowAccusations.${view}`,
        windows.address,
        chain.readContract({ ...windows, functionName: view }),
      ),
    jury: <const N extends 'court' | 'beacon' | 'terms'>(view: N) =>
      answered(`Jury.${view}`, jury.address, chain.readContract({ ...jury, functionName: view })),
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

/** The code of every contract: whoever answers as these would may do anything else. */
async function checkCode(chain: PublicClient, contracts: Contracts): Promise<Fact[]> {
  const facts: Fact[] = []
  for (const [key, contract] of Object.entries(CONTRACTS)) {
    const address = contracts[key as keyof Contracts]
    const expected = await codeHashOf(contract)
    const value = await codeHashOf(contract, (await chain.getCode({ address })) ?? '0x')
    if (value !== expected) throw wrongCode(`${contract} at ${address}`, value, expected)
    facts.push({ name: `${contract}.codeHash`, value, means: 'the code of this build' })
  }
  return facts
}

function wrongCode(where: string, value: string, expected: string): Error {
  return new Error(
    `${where} has code with the hash ${value}, but the build's hash is ${expected}: compile the sources of the record's commit ` +
      '(npm run compile) and check again, or deploy under another name.',
  )
}

function requireSame(name: string, actual: string, expected: string, told = expected): void {
  if (actual.toLowerCase() === expected.toLowerCase()) return
  throw new Error(
    `${name} is ${actual}, but the deployment's record says ${told}: ` +
      'check the record against another copy; a wrong connection can only be left behind, by deploying under another name.',
  )
}
