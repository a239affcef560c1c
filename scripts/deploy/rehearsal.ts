import { decodeFailure } from '@assay/sdk/client/errors.ts'
import type { EIP1193Provider } from '@nomicfoundation/ignition-core'
import { type Address, encodeDeployData, type Hex, numberToHex, pad } from 'viem'
import { UsageError } from '../command/usage-error.ts'
import { artifactsOnDisk } from './artifacts.ts'
import {
  courtTermsOf,
  juryTermsOf,
  optionOf,
  type ParameterName,
  type Parameters,
  parameterNamed,
  timingOf,
} from './parameters.ts'

/** Addresses of the rehearsed contracts, in the rehearsal's calls alone. */
const STAGE = {
  assayToken: '0x00000000000000000000000000000000a55a0001',
  stakeRegistry: '0x00000000000000000000000000000000a55a0002',
  tasks: '0x00000000000000000000000000000000a55a0003',
  rounds: '0x00000000000000000000000000000000a55a0004',
  juryFactory: '0x00000000000000000000000000000000a55a0005',
} as const satisfies Record<string, Address>

/** Stands for a contract of which only the existence counts. */
const SOME_CODE = '0x00'

/** Storage of a connected Tasks, which has the address of Rounds in one of its first slots; the others are bases of mappings. */
const CONNECTED = Object.fromEntries(
  Array.from({ length: 16 }, (_, slot) => [numberToHex(slot, { size: 32 }), pad(STAGE.rounds)]),
)

/** The parameter that a contract's error is about, for errors that don't name it. */
const BLAMED: Record<string, ParameterName> = {
  StakeRegistry_UnbondingOutOfBounds: 'unbondingSeconds',
  Tasks_UnbondingTooShort: 'unbondingSeconds',
  BlockHashBeacon_DelayOutOfBounds: 'beaconDelayBlocks',
}

/** The same for the steps that Court finds too slow. */
const BLAMED_STEPS: Record<string, ParameterName> = {
  verdict: 'verdictSeconds',
  execution: 'executionSeconds',
  settlement: 'jurorBindingSeconds',
}

/** What is fixed once a deployment's first step is done. */
export interface Terms {
  deployer: string
  tokenHolder: string
  /** May suspend the execution of a verdict, once a case; the zero address if nobody may. */
  guardian: string
  parameters: Parameters
}

/** A contract that isn't there, but is for one call. */
type Standing = { code: Hex; stateDiff?: Record<Hex, Hex> }

/**
 * Has the node run the constructor of each contract that takes a parameter, in calls that change nothing: so the contracts themselves
 * check the bounds. With a node that can't do this, nothing is refused here, but in the deployment itself.
 *
 * @throws UsageError naming the option, when a contract refuses what it is given
 */
export async function rehearse(
  provider: EIP1193Provider,
  { deployer, tokenHolder, guardian, parameters }: Terms,
): Promise<void> {
  const { unbondingSeconds, beaconDelayBlocks } = parameters
  const make = async (name: string, args: unknown[], standing: Partial<Record<Address, Standing>> = {}) => {
    const { abi, bytecode } = await artifactsOnDisk().loadArtifact(name)
    const data = encodeDeployData({ abi, bytecode: bytecode as Hex, args })
    return (await provider.request({
      method: 'eth_call',
      params: [{ from: deployer, data }, 'latest', standing],
    })) as Hex
  }
  try {
    await make('BlockHashBeacon', [beaconDelayBlocks])
    const token = await make('AssayToken', [tokenHolder])
    const registry = await make('StakeRegistry', [STAGE.assayToken, unbondingSeconds], {
      [STAGE.assayToken]: { code: token },
    })
    const registered = { [STAGE.stakeRegistry]: { code: registry } }
    const tasks = await make('Tasks', [STAGE.stakeRegistry, timingOf(parameters)], registered)
    const other = STAGE.rounds
    const terms = [courtTermsOf(parameters, guardian), juryTermsOf(parameters)]
    await make('Court', [STAGE.tasks, other, other, STAGE.juryFactory, ...terms], {
      ...registered,
      [STAGE.juryFactory]: { code: await make('JuryFactory', []) },
      [STAGE.tasks]: { code: tasks, stateDiff: CONNECTED },
      [STAGE.rounds]: { code: SOME_CODE },
    })
  } catch (error) {
    refuseParameters(error)
  }
}

/** Only a contract's own refusal has values; any other error comes up again in the deployment. */
function refuseParameters(error: unknown): void {
  const { kind, name, values, message, fix } = decodeFailure(error)
  if (kind !== 'refused' || Object.keys(values).length === 0) return
  const blamed = BLAMED[name] ?? BLAMED_STEPS[`${values.step}`] ?? parameterNamed(`${values.parameter}`)
  const option = blamed === undefined ? '' : ` The option is --${optionOf(blamed)}.`
  throw new UsageError(`${message} ${fix}${option}`)
}
