import { decodeFailure } from '@assay/sdk/client/errors.ts'
import type { EIP1193Provider } from '@nomicfoundation/ignition-core'
import { type Address, encodeDeployData, type Hex } from 'viem'
import { UsageError } from '../command/usage-error.ts'
import { artifactsOnDisk } from './artifacts.ts'
import { optionOf, PARAMETER_NAMES, type ParameterName, type Parameters } from './parameters.ts'

/** Addresses of the rehearsed contracts, in the rehearsal's calls alone. */
const STAGE = {
  assayToken: '0x00000000000000000000000000000000a55a0001',
  stakeRegistry: '0x00000000000000000000000000000000a55a0002',
} as const satisfies Record<string, Address>

/** The parameter that a contract's error is about, for errors that don't name it. */
const BLAMED: Record<string, ParameterName> = {
  StakeRegistry_UnbondingOutOfBounds: 'unbondingSeconds',
  Tasks_UnbondingTooShort: 'unbondingSeconds',
  BlockHashBeacon_DelayOutOfBounds: 'beaconDelayBlocks',
}

/**
 * Has the node run the constructor of each contract that takes a parameter, in calls that change nothing: so the contracts themselves
 * check the bounds. With a node that can't do this, nothing is refused here, but in the deployment itself.
 *
 * @throws UsageError naming the option, when a contract refuses what it is given
 */
export async function rehearse(
  provider: EIP1193Provider,
  { deployer, tokenHolder, parameters }: { deployer: string; tokenHolder: string; parameters: Parameters },
): Promise<void> {
  const { unbondingSeconds, beaconDelayBlocks, ...timing } = parameters
  const make = async (name: string, args: unknown[], standing: Partial<Record<Address, Hex>> = {}) => {
    const { abi, bytecode } = await artifactsOnDisk().loadArtifact(name)
    const data = encodeDeployData({ abi, bytecode: bytecode as Hex, args })
    const overrides = Object.fromEntries(Object.entries(standing).map(([at, code]) => [at, { code }]))
    return (await provider.request({
      method: 'eth_call',
      params: [{ from: deployer, data }, 'latest', overrides],
    })) as Hex
  }
  try {
    await make('BlockHashBeacon', [beaconDelayBlocks])
    const token = await make('AssayToken', [tokenHolder])
    const registry = await make('StakeRegistry', [STAGE.assayToken, unbondingSeconds], {
      [STAGE.assayToken]: token,
    })
    await make('Tasks', [STAGE.stakeRegistry, timing], { [STAGE.stakeRegistry]: registry })
  } catch (error) {
    refuseParameters(error)
  }
}

/** Only a contract's own refusal has values; any other error comes up again in the deployment. */
function refuseParameters(error: unknown): void {
  const { kind, name, values, message, fix } = decodeFailure(error)
  if (kind !== 'refused' || Object.keys(values).length === 0) return
  const blamed = BLAMED[name] ?? PARAMETER_NAMES.find((parameter) => parameter === values.parameter)
  const option = blamed === undefined ? '' : ` The option is --${optionOf(blamed)}.`
  throw new UsageError(`${message} ${fix}${option}`)
}
